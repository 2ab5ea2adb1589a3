// The siren of a wall: a red band while a call-out within sight waits for somebody, and a sound once somebody has allowed
// it with one click; browsers play nothing before.
// The page's live line says when to look; without it the siren looks by itself now and then.
const LOOK_MS = 30_000;
/** It sounds so often until somebody has it. */
const SOUND_MS = 5_000;
const TONE_S = 0.6;

const band = document.querySelector<HTMLElement>("[data-siren]");
const arm = document.querySelector<HTMLButtonElement>("[data-siren-arm]");
if (band) start(band);

function start(band: HTMLElement): void {
  let sound: AudioContext | undefined;
  let open = 0;
  arm?.addEventListener("click", () => {
    sound = new AudioContext();
    void sound.resume();
    tone(sound, 0.05);
    arm.textContent = arm.dataset.armed ?? "";
    arm.disabled = true;
  });
  const look = async (): Promise<void> => {
    try {
      const answer = await fetch("/api/v1/siren", { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      open = ((await answer.json()) as { open: number }).open;
    } catch {
      // Without a network nothing is known: what was loud stays loud.
    }
    const began = open > 0 && band.hidden;
    band.hidden = open === 0;
    band.textContent = (band.dataset.text ?? "").replace("%n", String(open));
    if (began) cry();
  };
  const cry = (): void => {
    if (open > 0 && sound) tone(sound, 0.5);
  };
  void look();
  document.addEventListener("canh:refresh", () => void look());
  setInterval(() => void look(), LOOK_MS);
  setInterval(cry, SOUND_MS);
}

/** Two tones, up and down, three times. */
function tone(sound: AudioContext, loud: number): void {
  const from = sound.currentTime;
  const gain = sound.createGain();
  const voice = sound.createOscillator();
  gain.gain.value = loud;
  voice.type = "square";
  for (let n = 0; n < 6; n += 1) voice.frequency.setValueAtTime(n % 2 ? 660 : 880, from + n * TONE_S);
  voice.connect(gain).connect(sound.destination);
  voice.start(from);
  voice.stop(from + (loud > 0.1 ? 6 * TONE_S : 0.1));
}

export {};
