/* The page's main module: shows and speaks the server's stage, and sends back pictures, keys and answers. No rules here. */

import { Camera } from './camera.js';
import { EXERCISING, sessionBar, topBar } from './controls.js';
import { confirm, h, memory, setHidden, setText, underWay } from './dom.js';
import { icon } from './icons.js';
import { letters, listen } from './keys.js';
import { Live } from './live.js';
import { Mirror } from './mirror.js';
import { fetchAhead, repaintFigures } from './figure.js';
import { forgetTones } from './paint.js';
import { Voice } from './voice.js';
import { loadWords, t } from './words.js';
import { careDialog } from './screens/care.js';
import * as ask from './screens/ask.js';
import * as behind from './screens/behind.js';
import * as care from './screens/care.js';
import * as getUp from './screens/get-up.js';
import * as history from './screens/history.js';
import * as home from './screens/home.js';
import * as intro from './screens/intro.js';
import * as ready from './screens/ready.js';
import * as rest from './screens/rest.js';
import * as session from './screens/session.js';
import * as set from './screens/set.js';
import * as stopped from './screens/stopped.js';
import * as summary from './screens/summary.js';

const SCREENS = { ask, behind, care, 'get-up': getUp, history, home, intro, ready, rest, session, set, stopped, summary };
const QUIET = new Set(['behind', 'history', 'home', 'session', 'stopped']); // for somebody who sits, outside a session
const STOPPED_AFTER_MS = 1500; // a shorter break of the connection is mended without a word
const [root, veil, backstage] = ['screen', 'veil', 'backstage'].map((id) => document.getElementById(id));

const app = {
  facts: {}, stage: null, demo: false, notice: '', mirror: null,
  /* Send a command, if the stage lists it; returns whether it does. */
  command(name) {
    const can = Boolean(playing && app.stage?.keys.includes(name));
    if (can) live.command(name);
    return can;
  },
  sitting: (wish) => live.send({ type: 'sitting', ...wish }),
  answer(question, value) {
    did ||= value !== null;
    live.send({ type: 'answer', question, value });
  },
  /* The whole routine, or one movement of it; `takeOver` from another tab, which `ledElsewhere` asks about. */
  start(withCamera, movement = null, takeOver = false) {
    voice.wake();
    app.notice = '';
    playing = true;
    over = did = false;
    underWay.set(true);
    wish = { camera: withCamera, ...(movement && { movement }) };
    live.send({ type: 'start', ...wish, ...(takeOver && { take_over: true }) });
  },
  /* Whether what is done is kept. */
  saves: () => !app.demo && app.facts.kept !== false && app.stage?.kept !== false,
  /* From the summary back home; the server ends the session if it has not. */
  leave() {
    if (!over) live.command('continue');
    goHome();
  },
  goHome: () => goHome(),
  /* Turn letters and numbers as keys 'on' or 'off'. */
  letters(value) {
    letters.set(value);
    top.letters();
    bottom.letters();
  },
  period: { weeks: 12, until: null },
  step: {}, // what became of the next step that was offered last
  showHistory() { show('history', 'history'); },
  showBehind() { show('behind', 'behind'); },
  /* Look at one session again. */
  look(session) {
    app.looking = session;
    show('session', `session ${session}`);
  },
  /* Send a choice; the screen is drawn anew once it is kept. */
  choose: (message) => live.send(message),
  async refresh() {
    const answer = await fetch('/home.json');
    app.facts = await answer.json();
    return app.facts;
  },
};

let live, voice, camera, top, bottom, screen = null, shownKey = '', playing = false, over = false, did = false, asking = false, lock = null, breaking = 0, wish = null;

function show(name, key) {
  if (key === shownKey && screen) {
    screen.update(app.stage);
    return;
  }
  screen?.close?.();
  bottom.turned();
  if (app.step.told) app.step = {};
  backstage.append(app.mirror.element);
  shownKey = key;
  document.body.dataset.screen = name;
  document.body.dataset.mode = QUIET.has(name) ? 'quiet' : 'session';
  root.replaceChildren();
  scrollTo(0, 0);
  screen = SCREENS[name].mount(root, app);
  const session = document.body.dataset.mode === 'session';
  top.session(session && name !== 'summary');
  setHidden(document.getElementById('controls'), !session);
  if (!session) top.place('');
  if (name === 'home') top.kept(app.facts.kept !== false);
  document.getElementById('controls').classList.toggle('quiet', !EXERCISING.has(name));
  document.title = root.querySelector('h1')?.textContent ? `${root.querySelector('h1').textContent} · ${t('title')}` : t('title');
  root.querySelector('h1')?.focus({ preventScroll: true });
}

function onStage(stage) {
  if (!playing) return;
  if (!app.stage) {
    // Not before: the camera may be another tab's.
    if (wish.camera && !app.demo) camera.open();
    stayAwake();
  }
  app.stage = stage;
  did ||= stage.count > 0;
  if (stage.screen === 'summary') underWay.set(false);
  show(stage.screen, [stage.screen, stage.exercise, stage.camera, stage.question?.id, ['get-up', 'intro', 'ask'].includes(stage.screen) ? [stage.title, ...stage.lines] : ''].join('|'));
  bottom.show(stage);
  top.kept(stage.kept);
  top.place(stage.number && EXERCISING.has(stage.screen) ? t('place', { title: titleOf(stage), n: stage.number, of: stage.of_exercises }) : '');
  camera.sending = stage.pictures && !stage.paused;
  const still = stage.paused && EXERCISING.has(stage.screen) && !asking;
  if (still && veil.hidden) {
    veil.setAttribute('aria-label', t('paused'));
    veil.replaceChildren(h('div', {}, icon('pause'), h('p', { class: 'huge' }, t('paused')), h('p', { class: 'why' })));
  }
  if (still) setText(veil.querySelector('.why'), stage.note || t('paused_hint'));
  setHidden(veil, !still);
}

const titleOf = (stage) => app.facts.exercises?.find((exercise) => exercise.figure === stage.exercise)?.title || stage.title;

async function goHome(notice = '', loadedAnew = false) {
  app.notice = notice;
  document.querySelector('dialog')?.close();
  playing = false;
  underWay.set(false);
  app.stage = null;
  camera.close();
  app.mirror.set(null);
  voice.hush();
  lock?.release().catch(() => {});
  lock = null;
  setHidden(veil, true);
  await app.refresh().catch(() => {});
  if (loadedAnew) app.notice = t('session_ended') + (app.saves() ? ` ${t('gone_text')}` : '');
  show('home', `home ${Math.random()}`);
  fetchAhead((app.facts.exercises || []).map((exercise) => exercise.figure));
}

function onMessage(message) {
  if (message.type === 'stage') onStage(message);
  else if (message.type === 'say') {
    bottom.say(message.text);
    voice.say(message.text, message.tone);
  } else if (message.type === 'points') {
    app.mirror.set(message.points);
    if (message.t_ms !== null && message.t_ms !== undefined) camera.answered();
  } else if (message.type === 'hello') {
    const broke = live.greetings > 1 && underWay.get();
    const loadedAnew = !broke && underWay.get();
    app.demo = Boolean(message.demo);
    app.mirror.pretend(app.demo ? t('demo_person') : '');
    document.body.classList.toggle('demo', app.demo);
    goHome(broke ? t('line_broke') : '', loadedAnew).then(beginAsked);
  } else if (message.type === 'ended') {
    if (!playing) return;
    over = true;
    underWay.set(false);
    camera.close();
    if (app.stage?.screen !== 'summary') goHome();
  } else if (message.type === 'led-elsewhere') {
    ledElsewhere();
  } else if (message.type === 'taken-over') {
    if (playing) goHome([t('taken_over'), app.saves() && t('gone_text')].filter(Boolean).join(' '));
  } else if (message.type === 'chosen') {
    if (screen?.chosen) screen.chosen();
  } else if (message.type === 'sitting') {
    screen?.sitting?.();
  } else if (message.type === 'refused') {
    console.warn(message.text);
    top.notice(message.text);
    if (app.step.answer && !playing) {
      app.step.answer = ''; // too late: it is not offered any more
      screen?.chosen?.();
    }
  }
}

/* The address may name a movement, or one way of doing it ("movement.way"), to begin with, once. */
function beginAsked() {
  const movement = new URLSearchParams(location.search).get('movement');
  if (!movement) return;
  window.history.replaceState(null, '', '/');
  const [id, variant = ''] = movement.split('.');
  const known = (exercise) => exercise.id === id && exercise.ways.some((way) => way.variant === variant);
  if (app.facts.exercises?.some(known)) app.start(app.demo || memory.get('camera') !== 'off', movement);
}

function onLine(open) {
  clearTimeout(breaking);
  if (open) return;
  breaking = setTimeout(() => {
    if (live.ready) return;
    playing = false;
    camera.close();
    voice.hush();
    setHidden(veil, true);
    show('stopped', 'stopped');
  }, STOPPED_AFTER_MS);
}

async function ledElsewhere() {
  playing = false;
  underWay.set(false);
  if (document.querySelector('dialog')) return;
  const text = [t('elsewhere_text'), app.saves() && t('elsewhere_kept')].filter(Boolean).join(' ');
  const here = await confirm({ title: t('elsewhere_title'), text, yes: t('take_over'), no: t('leave_there') });
  if (here) app.start(wish.camera, wish.movement, true);
}

async function finish() {
  if (!playing || app.stage?.screen === 'summary') return;
  await asideFrom(async () => {
    const sure = await confirm({ title: t('finish_title'), text: app.saves() && did ? t('finish_text') : '', yes: t('finish_yes'), no: t('finish_no') });
    if (sure && playing) live.command('finish');
    return sure;
  });
}

/* The safety note, over whatever stands on the screen. */
function readCare() {
  if (document.querySelector('dialog')) return;
  asideFrom(async () => {
    await careDialog(app.facts.care || [], app.facts.always || '');
    return false;
  });
}

/* Hold the session while a dialog is open, and go on after it, unless `ask` resolves to true. */
async function asideFrom(ask) {
  const held = app.command('pause');
  asking = true;
  setHidden(veil, true); // nothing else may be large beside the dialog
  const ends = await ask();
  asking = false;
  if (!playing || ends) return; // it ended meanwhile
  if (held) live.command('resume');
  else if (app.stage) onStage(app.stage);
}

function onKey(name, event) {
  if (name === 'mute') {
    toggleSound();
    return true;
  }
  if (screen?.press(name, event)) return true;
  if (!playing || !app.stage) return false;
  if (name === 'pause' && app.stage.paused) return app.command('resume');
  if (name !== 'finish') return app.command(name);
  if (!app.stage.keys.includes('finish')) return false;
  finish();
  return true;
}

function toggleSound() {
  voice.wake();
  voice.mute(!voice.muted);
  top.muted(voice.muted);
}

async function stayAwake() {
  try { lock = await navigator.wakeLock?.request('screen'); } catch { lock = null; }
}

async function begin() {
  await loadWords();
  voice = new Voice();
  app.mirror = new Mirror();
  backstage.append(app.mirror.element);
  top = topBar(document.getElementById('bar'), {
    safety: readCare,
    mute: toggleSound,
    finish,
    theme() {
      forgetTones();
      repaintFigures();
      app.mirror.dirty = true;
      screen?.repaint?.();
    },
  });
  top.muted(voice.muted);
  bottom = sessionBar(document.getElementById('controls'), (name) => app.command(name));
  camera = new Camera({ video: app.mirror.video, send: (tMs, jpeg) => live.picture(tMs, jpeg), trouble: (what) => live.trouble(what) });
  live = new Live({ on: onMessage, changed: onLine });
  listen(onKey);
  document.addEventListener('visibilitychange', () => {
    if (!playing) return;
    live.trouble(document.hidden ? 'tab-hidden' : 'tab-shown');
    if (document.hidden) voice.hush();
    else stayAwake();
  });
}

begin();
