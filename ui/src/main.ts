// Everything here only adds to pages that already work.
document.documentElement.dataset.js = "";
import "./htmx";
import "./theme";
import "./menu";
import "./times";
import "./letter";
import "./live";
import "./keys";
import "./forms";
import "./dates";
import "./typed";
import "./wall";
import "./visit";
import "./push";
import "./siren";
