/* The upper bar with the logo and the tools, and the lower bar with the session's commands. */

import { h, isDark, memory, setHidden, setText } from './dom.js';
import { icon, mark } from './icons.js';
import { letters } from './keys.js';
import { t } from './words.js';

const key = (name) => h('kbd', { 'aria-hidden': 'true' }, name);

/* Show and announce a button's letter, unless letters are turned off as keys. */
function hint(button, code) {
  if (letters.on) button.setAttribute('aria-keyshortcuts', code);
  else button.removeAttribute('aria-keyshortcuts');
  const shown = button.querySelector('kbd');
  if (shown) setHidden(shown, !letters.on);
}

/* The upper bar. `does`: {safety, mute, theme, finish}. */
export function topBar(bar, does) {
  const place = h('p', { class: 'place' });
  const told = h('p', { class: 'told', role: 'status' });
  let kept = true, said = '', until = 0, silent = false;
  const tell = () => {
    const text = said || (kept ? '' : t('unkept'));
    if (told.textContent !== text) told.replaceChildren(...(text ? [icon('note'), h('span', {}, text)] : []));
  };
  const sound = h('button', { class: 'tool', type: 'button', onclick: does.mute });
  const theme = h('button', { class: 'tool', type: 'button', onclick: () => { turnTheme(); drawTheme(); does.theme(); } });
  const finish = h('button', { class: 'tool finish', type: 'button', 'aria-label': t('finish'), 'aria-keyshortcuts': 'Escape', onclick: does.finish }, icon('close'), h('span', { class: 'label', 'aria-hidden': 'true' }, t('finish')));
  const safety = h('button', { class: 'tool safety', type: 'button', 'aria-label': t('safety'), 'aria-haspopup': 'dialog', title: t('safety'), onclick: does.safety }, icon('safety'), h('span', { class: 'label', 'aria-hidden': 'true' }, t('safety')));
  const draw = (button, name, words) => {
    button.replaceChildren(icon(name));
    button.setAttribute('aria-label', words);
    button.title = words;
  };
  const drawSound = () => {
    const words = t(silent ? 'sound_on' : 'sound_off');
    draw(sound, silent ? 'silent' : 'sound', letters.on ? t('with_key', { what: words, key: 'M' }) : words);
    hint(sound, 'm');
  };
  const drawTheme = () => draw(theme, isDark() ? 'sun' : 'moon', t(isDark() ? 'theme_light' : 'theme_dark'));
  drawTheme();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { drawTheme(); does.theme(); });
  bar.replaceChildren(h('div', { class: 'brand' }, mark(), h('span', {}, t('title'))), place, told, h('div', { class: 'tools' }, safety, sound, theme, finish));
  return {
    muted(on) { silent = on; drawSound(); },
    letters: drawSound,
    place(text) { setText(place, text); },
    kept(yes) { kept = yes; tell(); },
    /* Show a sentence for a while, in place of the note that nothing is kept. */
    notice(text) {
      said = text;
      tell();
      clearTimeout(until);
      until = setTimeout(() => { said = ''; tell(); }, NOTICE_MS);
    },
    session(on) { setHidden(finish, !on); },
  };
}

function turnTheme() {
  const next = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  memory.set('theme', next);
}

/* The lower bar of a session. `command(name)`. */
export function sessionBar(footer, command) {
  const button = (name, picture, on, extra = '') => h('button', { type: 'button', class: `control ${extra}`, 'aria-keyshortcuts': on.code, onclick: () => command(name) },
    icon(picture), h('span', { class: 'label' }, t(name)), key(on.shown));
  const back = button('back', 'back', { code: 'ArrowLeft', shown: '←' });
  const pause = button('pause', 'pause', { code: 'Space', shown: t('key_space') });
  const resume = button('resume', 'play', { code: 'Space', shown: t('key_space') });
  const skip = button('skip', 'skip', { code: 'ArrowRight', shown: '→' });
  const hurts = button('hurts', 'hurts', { code: 'h', shown: 'H' }, 'hurts');
  const said = h('p', { class: 'said', id: 'said', 'aria-live': 'polite' });
  let fading = 0, saidAt = 0;
  footer.replaceChildren(h('div', { class: 'moves' }, back, pause, resume, skip), said, hurts);
  const drawLetters = () => hint(hurts, 'h');
  drawLetters();
  return {
    letters: drawLetters,
    show(stage) {
      const exercising = EXERCISING.has(stage.screen), can = (name) => stage.keys.includes(name);
      setHidden(back, !exercising || !can('back'));
      setHidden(skip, !exercising || !can('skip'));
      setHidden(pause, !exercising || !can('pause'));
      setHidden(resume, !exercising || !can('resume'));
      setHidden(hurts, !can('hurts'));
    },
    /* What was said of the screen before does not stand under the next one. */
    turned() {
      if (performance.now() - saidAt > SAID_WITH_MS) setText(said, '');
    },
    say(text) {
      saidAt = performance.now();
      setText(said, text);
      said.toggleAttribute('data-long', text.length > LONG);
      clearTimeout(fading);
      fading = setTimeout(() => setText(said, ''), SAID_MS);
    },
  };
}

const LONG = 60; // letters beyond which words are written smaller
const SAID_MS = 6000; // how long words stay written
const SAID_WITH_MS = 300; // words may come so long before the screen they belong to
const NOTICE_MS = 12000; // and those about something that went wrong

/* The screens in which somebody may be moving. */
export const EXERCISING = new Set(['intro', 'ready', 'set', 'rest']);
