/** A way to the service that can be shut: what a person sees of a service that is away, or of a network that is. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./stack";

export class Gate {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly to: number,
    private readonly port: number,
  ) {}

  /** to opens a gate to a service, by its address. */
  static async to(base: string): Promise<Gate> {
    const gate = new Gate(Number(new URL(base).port), await freePort());
    await gate.open();
    return gate;
  }

  get base(): string {
    return `http://localhost:${this.port}`;
  }

  /** open lets everything through, at the same address as before. */
  async open(): Promise<void> {
    await this.listen((socket) => {
      const service = connect(this.to, "localhost");
      this.sockets.add(service);
      socket.pipe(service).pipe(socket);
      for (const [one, other] of [
        [socket, service],
        [service, socket],
      ]) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
  }

  /** answer has somebody else answer everything, as a gateway does for a service that is away. */
  async answer(status: string): Promise<void> {
    const page = `<html><h1>${status}</h1></html>`;
    await this.listen((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => {
        socket.end(
          `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`,
        );
      });
    });
  }

  /** shut ends every connection and takes no other. */
  async shut(): Promise<void> {
    const { server } = this;
    this.server = null;
    const closed = server && new Promise((done) => server.close(done));
    for (const s of this.sockets) s.destroy();
    this.sockets.clear();
    await closed;
  }

  private async listen(each: (socket: Socket) => void): Promise<void> {
    await this.shut();
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      each(socket);
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(this.port, "localhost", done));
  }
}
