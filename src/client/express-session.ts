/** `coatcheck/express-session`. */
export {}
