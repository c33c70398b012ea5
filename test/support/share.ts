const share = Number(process.env['TIDEMAP_SHARE'] ?? 1)

/** How many of `count` random programs are run: all, but for a part of them in `npm run mutate`, which runs every test for many a mutant. */
export const shareOf = (count: number): number => Math.ceil(count * share)
