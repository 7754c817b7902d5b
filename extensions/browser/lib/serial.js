/** Runs asynchronous work one piece after the other, in the order it came; an error ends its own piece alone. */
export function serial() {
  let last = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch((error) => console.error(error));
    return result;
  };
}
