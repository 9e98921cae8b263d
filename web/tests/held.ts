/** Requests that wait until a test has them answered: the page cannot ask again before, however long the test takes to look. */
export class Held {
  /** How many there were. */
  asked = 0;
  private go = () => {};

  /** wait is what the route of a request does before it answers. */
  wait(): Promise<void> {
    this.asked++;
    return new Promise((go) => {
      this.go = go;
    });
  }

  /** answer has the last one answered. */
  answer(): void {
    this.go();
  }
}
