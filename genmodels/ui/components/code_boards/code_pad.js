// A small pad for a drawing that is to be encoded. No component by itself: the boards call this with their own element
// and, as props, { drawn(levels, isComplete): gray levels of the framed drawing, while it is drawn and after a stroke }.
const LINE_WIDTH = 22;
const pad = gm.inkPad(element.querySelector('.gm-code-pad'), LINE_WIDTH, (levels, isComplete) => {
  if (levels) props.drawn(levels, isComplete);
});
element.querySelector('.gm-code-clear').addEventListener('click', pad.clear);
gm.followExamples(element, element.querySelector('.gm-code-picture'), () => ({ width: gm.INK_SIDE, height: gm.INK_SIDE }),
  (levels) => {
    pad.show(levels);
    props.drawn(levels, true);  // framed already
  });
