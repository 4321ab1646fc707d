//! Menus compared with plain values.
