/* The camera: sends its pictures to the server one at a time, and reports each way in which it can fail as `trouble`.

   While an answer is awaited the newest picture is prepared, so that it leaves the moment the answer comes: the rate is
   then the server's, not a fraction of the camera's. */

const LONGEST_PX = 640, QUALITY = 0.8, LOST_ANSWER_MS = 2000;

export class Camera {
  /* `send(tMs, jpeg)` -> whether it left; `trouble(what)`. */
  constructor({ video, send, trouble }) {
    Object.assign(this, { video, send, trouble, stream: null, wanted: false, sending: false, waitingSince: 0, next: null, encoding: false });
    this.canvas = new OffscreenCanvas(LONGEST_PX, 480);
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.wanted && !this.stream && this.open(true));
  }

  get on() { return this.stream !== null; }

  /* Open the camera. Resolves to whether it could be opened; if not, the reason is reported as trouble. */
  async open(again = false) {
    this.wanted = true;
    if (this.stream) return true;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.trouble('camera-missing');
      return false;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: 'user' },
      });
    } catch (error) {
      const refused = error.name === 'NotAllowedError' || error.name === 'SecurityError';
      if (refused) this.wanted = false; // another camera that is plugged in later does not ask again
      if (!again) this.trouble(refused ? 'camera-refused' : 'camera-missing');
      return false;
    }
    if (!this.wanted || this.stream) {
      stream.getTracks().forEach((track) => track.stop());
      return this.stream !== null;
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener('ended', () => this.lost(stream));
    this.video.srcObject = stream;
    await this.video.play().catch(() => {});
    if (again) this.trouble('camera-back');
    this.waitingSince = 0;
    this.watch();
    return true;
  }

  lost(stream) {
    if (this.stream !== stream) return;
    this.drop();
    if (this.wanted) this.trouble('camera-lost');
  }

  drop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.next = null;
    this.waitingSince = 0;
    this.video.srcObject = null;
  }

  close() {
    this.wanted = false;
    this.sending = false;
    this.drop();
  }

  /* Each new picture of the camera. */
  watch() {
    const { stream, video } = this;
    const look = (now) => {
      if (this.stream !== stream) return;
      if (this.sending && !document.hidden) this.take(now);
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(look);
      else setTimeout(() => look(performance.now()), 33);
    };
    look(performance.now());
  }

  async take(now) {
    const { video } = this;
    if (this.encoding || !video.videoWidth) return;
    this.encoding = true;
    try {
      const scale = Math.min(1, LONGEST_PX / Math.max(video.videoWidth, video.videoHeight));
      const w = Math.round(video.videoWidth * scale), h = Math.round(video.videoHeight * scale);
      if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
      this.canvas.getContext('2d', { alpha: false }).drawImage(video, 0, 0, w, h);
      const picture = await this.canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
      this.next = { tMs: now, jpeg: await picture.arrayBuffer() };
    } catch {
      this.next = null; // this picture is left out
    } finally {
      this.encoding = false;
    }
    if (this.waitingSince && performance.now() - this.waitingSince > LOST_ANSWER_MS) this.waitingSince = 0;
    this.post();
  }

  post() {
    if (!this.next || this.waitingSince || !this.sending || !this.stream) return;
    const { tMs, jpeg } = this.next;
    this.next = null;
    if (this.send(tMs, jpeg)) this.waitingSince = performance.now();
  }

  /* The server's answer to the picture under way. */
  answered() {
    this.waitingSince = 0;
    this.post();
  }
}
