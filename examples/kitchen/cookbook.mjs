// The server's data: four dozen dishes, made up of a few words, and the two edits that there are.

/** @import { Details, Dish, Match, Page } from './protocol.ts' */

const PAGE = 8
const REMEMBERED = 50

const MAINS = ['Ramen', 'Risotto', 'Curry', 'Stew', 'Dumplings', 'Tart', 'Salad', 'Soup']
const STYLES = ['Smoky', 'Golden', 'Harbour', 'Garden', 'Midnight', 'Sunday']
const KINDS = new Map([
  ['Ramen', 'noodles'],
  ['Risotto', 'rice'],
  ['Curry', 'rice'],
  ['Stew', 'pot'],
  ['Dumplings', 'noodles'],
  ['Tart', 'oven'],
  ['Salad', 'cold'],
  ['Soup', 'pot'],
])
const LARDER = ['leek', 'miso', 'lemon', 'butter', 'thyme', 'rice', 'egg', 'ginger', 'white beans', 'chard']
const STEPS = ['Rinse and chop', 'Warm the pan for', 'Stir in', 'Season with', 'Let it rest beside']

/** @returns {Dish[]} */
const freshDishes = () =>
  Array.from({ length: MAINS.length * STYLES.length }, (_, i) => {
    const main = MAINS[i % MAINS.length] ?? ''
    const style = STYLES[(i * 5 + Math.floor(i / MAINS.length)) % STYLES.length]
    return {
      id: i + 1,
      name: `${style} ${main}`,
      kind: KINDS.get(main) ?? '',
      minutes: 10 + ((i * 7) % 12) * 5,
      portions: (i * 3) % 10,
      version: 1,
      edits: [],
    }
  })

export function createCookbook() {
  let dishes = freshDishes()

  /** @param {number} id @param {string} edit @param {Partial<Dish>} change */
  function edit(id, edit, change) {
    const dish = find(id)
    // The same edit twice (sent again because the answer got lost) counts once.
    if (!dish || dish.edits.includes(edit)) return dish
    const next = {
      ...dish,
      ...change,
      version: dish.version + 1,
      edits: [...dish.edits, edit].slice(-REMEMBERED),
    }
    dishes = dishes.map((other) => (other.id === id ? next : other))
    return next
  }

  /** @param {number} id */
  const find = (id) => dishes.find((dish) => dish.id === id)

  return {
    reset() {
      dishes = freshDishes()
    },
    /** @param {number} number @returns {Page} */
    page: (number) => ({
      dishes: dishes.slice((number - 1) * PAGE, number * PAGE),
      pages: Math.ceil(dishes.length / PAGE),
      total: dishes.length,
    }),
    /** @param {number} id @returns {Details | undefined} */
    details(id) {
      const dish = find(id)
      if (!dish) return undefined
      const ingredients = [0, 3, 4, 7].map((step) => LARDER[(id + step) % LARDER.length] ?? '')
      const steps = STEPS.map((step, i) => `${step} the ${ingredients[i % ingredients.length]}.`)
      return { dish, ingredients, steps }
    },
    /** @param {string} text @returns {Match[]} */
    search(text) {
      const wanted = text.trim().toLowerCase()
      const found = dishes.filter(({ name }) => name.toLowerCase().includes(wanted))
      return found.slice(0, 6).map(({ id, name }) => ({ id, name }))
    },
    /** @param {number} id @param {string} editId */
    addPortion: (id, editId) => edit(id, editId, { portions: (find(id)?.portions ?? 0) + 1 }),
    /** @param {number} id @param {string} editId @param {string} name */
    rename: (id, editId, name) => edit(id, editId, { name }),
  }
}
