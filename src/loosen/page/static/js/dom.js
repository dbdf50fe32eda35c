/* Helpers to build the page: elements, a dialog, the theme, small things that the browser remembers. */

/* An element: h('p', { class: 'lead' }, 'text', child...). Attributes that are false or null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/* Change a text only when it changed: a live screen is told up to twenty times a second. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/* Whether a session is under way: outlives a reload of this tab, and only that. */
export const underWay = {
  get() { try { return sessionStorage.getItem('loosen.under-way') === 'yes'; } catch { return false; } },
  set(on) {
    try {
      if (on) sessionStorage.setItem('loosen.under-way', 'yes');
      else sessionStorage.removeItem('loosen.under-way');
    } catch { /* then a reload goes without a word */ }
  },
};

/* Remember small choices; without storage they last as long as the page. */
const kept = new Map();
export const memory = {
  get(name) {
    try { return localStorage.getItem(`loosen.${name}`) ?? kept.get(name) ?? null; } catch { return kept.get(name) ?? null; }
  },
  set(name, value) {
    kept.set(name, value);
    try { localStorage.setItem(`loosen.${name}`, value); } catch { /* kept in memory */ }
  },
};

/* Whether the page is dark now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/* A question before something ends, in a dialog. Resolves to whether it was confirmed. */
export function confirm({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const button = (kind, words, answer, first) => h('button', { type: 'button', class: kind, autofocus: first, onclick: () => box.close(answer) }, words);
    const box = h('dialog', { 'aria-labelledby': 'asked-title' },
      h('h2', { id: 'asked-title' }, title), h('p', {}, text), h('div', { class: 'row' }, button('plain', yes, 'yes', false), button('primary', no, 'no', true)));
    box.addEventListener('close', () => {
      box.remove();
      before?.focus?.();
      resolve(box.returnValue === 'yes');
    });
    document.body.append(box);
    box.showModal();
  });
}
