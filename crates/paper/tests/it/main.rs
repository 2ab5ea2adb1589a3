//! Papers and tables through the door, as the rest of the house uses it.
