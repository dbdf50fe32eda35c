/* The voice: speaks one sentence at a time with a voice on this computer, or plays tones where there is none.

   Voices that are not `localService` speak through a server elsewhere: they are never used. */

import { lang } from './words.js';
import { memory } from './dom.js';

const RATE = 0.94;
const WEIGHT = { soft: 0, guide: 1, praise: 1, cue: 2, count: 3, trouble: 4 };
/* Tones in Hz and seconds: a count rises, a cue is two equal notes, trouble falls, praise is a small third. */
const NOTES = {
  count: [[523, 0.1], [784, 0.16]],
  guide: [[440, 0.22]],
  cue: [[587, 0.1], [0, 0.05], [587, 0.1]],
  praise: [[523, 0.12], [659, 0.12], [784, 0.22]],
  trouble: [[392, 0.18], [294, 0.3]],
  soft: [[330, 0.3]],
};

export class Voice {
  constructor() {
    this.muted = memory.get('muted') === 'yes';
    this.waiting = null;
    this.speaking = null;
    this.voice = null;
    this.engine = window.speechSynthesis || null;
    if (this.engine) {
      this.choose();
      this.engine.addEventListener?.('voiceschanged', () => this.choose());
    }
  }

  choose() {
    const own = lang().slice(0, 2);
    const local = this.engine.getVoices().filter((voice) => voice.localService && voice.lang.slice(0, 2).toLowerCase() === own);
    this.voice = local.find((voice) => voice.default) || local[0] || null;
  }

  /* Must run once inside a click or key press: browsers start sound only then. */
  wake() {
    if (this.voice || this.audio) return;
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (Audio) this.audio = new Audio();
  }

  mute(on) {
    this.muted = on;
    memory.set('muted', on ? 'yes' : 'no');
    if (on) this.hush();
  }

  hush() {
    this.waiting = null;
    this.speaking = null;
    this.engine?.cancel();
  }

  /* Speak now, or after what is being said. What waits gives way to anything newer that matters as much. */
  say(text, tone) {
    if (this.muted || !text) return;
    if (!this.voice) {
      this.tone(tone);
      return;
    }
    const words = { text, tone, weight: WEIGHT[tone] ?? 1 };
    if (!this.speaking) this.speak(words);
    else if (tone === 'trouble' && this.speaking.weight < WEIGHT.trouble) {
      this.hush();
      this.speak(words);
    } else if (!this.waiting || words.weight >= this.waiting.weight) this.waiting = words;
  }

  speak(words) {
    const utterance = new SpeechSynthesisUtterance(words.text);
    utterance.voice = this.voice;
    utterance.lang = this.voice.lang;
    utterance.rate = RATE;
    this.speaking = words;
    const done = () => {
      if (this.speaking !== words) return;
      clearTimeout(late);
      this.speaking = null;
      const next = this.waiting;
      this.waiting = null;
      if (next) this.speak(next);
    };
    // Some engines never report an end; nobody should be left in silence for it.
    const late = setTimeout(done, 2500 + words.text.length * 110);
    utterance.onend = done;
    utterance.onerror = done;
    this.engine.speak(utterance);
  }

  tone(kind) {
    const { audio } = this;
    if (!audio) return;
    if (audio.state === 'suspended') audio.resume();
    let at = audio.currentTime + 0.02;
    for (const [hz, seconds] of NOTES[kind] || NOTES.guide) {
      if (hz) {
        const note = audio.createOscillator(), level = audio.createGain();
        note.type = 'sine';
        note.frequency.value = hz;
        level.gain.setValueAtTime(0, at);
        level.gain.linearRampToValueAtTime(0.18, at + 0.015);
        level.gain.exponentialRampToValueAtTime(0.001, at + seconds);
        note.connect(level).connect(audio.destination);
        note.start(at);
        note.stop(at + seconds + 0.02);
      }
      at += seconds;
    }
  }
}
