use super::*;

mod demand;
