/* The live socket: sends and receives messages, sends pictures, and connects again after a break. */

const PATIENCE_MS = [400, 800, 1600, 3000, 5000];

export class Live {
  /* `on(message)` gets each message; `changed(open)` is called when the connection opens or breaks. */
  constructor({ on, changed }) {
    Object.assign(this, { on, changed, tries: 0, socket: null, greetings: 0 });
    this.open();
  }

  open() {
    const url = new URL('/live', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onmessage = (event) => {
      let message;
      try { message = JSON.parse(event.data); } catch { return; }
      if (message.type === 'hello') {
        this.tries = 0;
        this.greetings += 1;
        this.changed(true);
      }
      this.on(message);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.changed(false);
      setTimeout(() => this.open(), PATIENCE_MS[Math.min(this.tries++, PATIENCE_MS.length - 1)]);
    };
  }

  get ready() { return this.socket !== null && this.socket.readyState === WebSocket.OPEN; }

  send(message) {
    if (this.ready) this.socket.send(JSON.stringify(message));
  }

  command(name) { this.send({ type: 'command', name }); }
  trouble(what) { this.send({ type: 'trouble', what }); }

  picture(tMs, jpeg) {
    if (!this.ready) return false;
    const frame = new Uint8Array(8 + jpeg.byteLength);
    new DataView(frame.buffer).setFloat64(0, tMs, true);
    frame.set(new Uint8Array(jpeg), 8);
    this.socket.send(frame);
    return true;
  }
}
