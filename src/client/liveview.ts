/** `coatcheck/liveview`. */
export {}
