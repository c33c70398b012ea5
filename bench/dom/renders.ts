/** Rows rendered by React since it was set to 0. */
export const renders = { count: 0 }
