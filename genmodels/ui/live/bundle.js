// gm.live, in the page and in its Workers, out of the files beside this one.
(globalThis.gm ||= {}).live = ((gm) => {
$parts
const engine = {};
gm.engineParts.forEach((part) => part(engine));
engine.createPlots = (element) => {
$plots
};
return engine;
})({});
