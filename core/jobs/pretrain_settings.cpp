#include "jobs/pretrain.h"

namespace clipscope::jobs {

namespace {

using enum SettingLevel;

void describeData(SettingsVisitor& v, PretrainSettings& s)
{
    v.field("data.source", s.source, { "project", "howto100m" }, Basic,
        "The project's own films, or what `import --howto100m` took in.");
    v.field("data.encoder", s.encoder, Basic,
        "Encoder whose features are read, of the project's own films; empty takes the one that has "
        "some.");
    v.field("data.vocabulary", s.vocabulary, Expert,
        "WordPiece vocabulary, one token a line; empty takes the starter's.");
    v.field("data.deduplicate", s.deduplicate, Basic,
        "Removes what captions of automatic speech recognition repeat (HowTo100M needs it).");
    v.field("data.caption-characters", s.captionCharacters, { 1, 100000 }, "characters", Expert,
        "A caption is cut to this length first.");
    v.field("data.caption-tokens", s.captionTokens, { 1, 512 }, "tokens", Expert,
        "A caption is cut to this many word pieces.");
    v.field("data.validation-list", s.validationList, Basic,
        "File that names the videos to measure on, one a line; empty takes a part of all.");
    v.field("data.validation-fraction", s.validationFraction, { 0, 0.9 }, "", Basic,
        "Part of the films that is kept from training to measure on.");
    v.field("data.validation-least", s.validationLeast, { 1, 1e9 }, "videos", Expert,
        "With fewer validation films than this, all films train and are measured on.");
    v.field("data.evaluation-pairs", s.evaluationPairs, { 2, 100000 }, "pairs", Expert,
        "Most captions that are measured.");
}

void describeModel(SettingsVisitor& v, PretrainSettings& s)
{
    v.field("model.width", s.width, { 8, 8192 }, "", Basic,
        "Numbers per token in both towers (paper: 768).");
    v.field("model.heads", s.heads, { 1, 256 }, "", Expert,
        "Attention heads; must divide the width (paper: 12).");
    v.field("model.feed-forward", s.feedForward, { 8, 65536 }, "", Expert,
        "Width inside of a layer (paper: 3072).");
    v.field("model.video-layers", s.videoLayers, { 0, 48 }, "layers", Basic,
        "Layers of the video tower (paper: 6).");
    v.field("model.text-layers", s.textLayers, { 0, 48 }, "layers", Basic,
        "Layers of the text tower (paper: 12).");
    v.field("model.max-seconds", s.maxSeconds, { 1, 4096 }, "s", Expert,
        "Longest video clip the model takes (paper: 32).");
    v.field("model.max-tokens", s.maxTokens, { 1, 4096 }, "tokens", Expert,
        "Longest text the model takes (paper: 61).");
    v.field("model.dropout", s.dropout, { 0, 0.9 }, "", Expert, "Part of numbers dropped.");
}

void describeBatches(SettingsVisitor& v, PretrainSettings& s)
{
    v.field("train.steps", s.steps, { 1, 1e9 }, "steps", Basic, "Updates of the whole run.");
    v.field("train.batch-videos", s.batchVideos, { 1, 65536 }, "videos", Basic,
        "Films in a batch, shared among the ranks (paper: 32 each).");
    v.field("train.pairs-per-video", s.pairsPerVideo, { 1, 1024 }, "pairs", Basic,
        "Pairs of text and video clip drawn from each film of a batch (paper: 16).");
    v.field("train.clips", s.clips, data::clipKindNames(), Expert,
        "Seconds of a pair: grown from a random second of its text, or those the text covers.");
    v.field("train.text-budget-low", s.textBudgetLow, { 1, 4096 }, "tokens", Expert,
        "Shortest random length a text grows to.");
    v.field("train.text-budget-high", s.textBudgetHigh, { 1, 4096 }, "tokens", Expert,
        "Longest random length a text grows to.");
    v.field("train.video-seconds-low", s.videoSecondsLow, { 1, 4096 }, "s", Expert,
        "Shortest random length of a video clip.");
    v.field("train.video-seconds-high", s.videoSecondsHigh, { 1, 4096 }, "s", Expert,
        "Longest random length of a video clip.");
    v.field("train.batches", s.batches, train::batchKindNames(), Basic,
        "Which films meet in a batch: random ones, a draw of a film's nearest (the paper's "
        "retrieval), or the nearest themselves.");
    v.field("train.cluster-videos", s.clusterVideos, { 1, 65536 }, "videos", Expert,
        "Alike films that meet (paper: 32); a batch takes as many clusters as it has room for.");
    v.field("train.cluster-candidates", s.clusterCandidates, { 1, 65536 }, "videos", Expert,
        "Nearest films that they are drawn from (paper: 64).");
    v.field("train.retrieval-clips", s.retrievalClips, { 1, 1024 }, "clips", Expert,
        "Clips of a film whose mean says which films are alike (paper: 16).");
    v.field("train.index", s.index, { "exact", "inverted" }, Expert,
        "How alike films are found: by comparing all, or by FAISS's inverted lists.");
    v.field("train.index-exact-below", s.indexExactBelow, { 0, 1e12 }, "videos", Expert,
        "With fewer films than this the inverted lists are not used.");
    v.field("train.index-lists", s.indexLists, { 1, 1e6 }, "lists", Expert,
        "Inverted lists (reference: 512).");
    v.field("train.index-probes", s.indexProbes, { 1, 1e6 }, "lists", Expert,
        "Inverted lists looked through for a film (reference: 1).");
    v.field("train.pairs-at-once", s.pairsAtOnce, { 0, 1e7 }, "pairs", Expert,
        "Pairs that go through the towers at once; a larger batch goes in parts and keeps all of "
        "its negatives. 0: the whole batch.");
    v.field("train.activation-checkpointing", s.activationCheckpointing, Expert,
        "Keeps only the input of each layer and computes it once more for the gradients: less "
        "memory for a third more time.");
    v.field("train.gather-negatives", s.gatherNegatives, Expert,
        "Negatives from the batch of all ranks; false as in the reference: each rank has its own.");
}

void describeLoop(SettingsVisitor& v, PretrainSettings& s)
{
    v.field("train.learning-rate", s.learningRate, { 0, 1 }, "", Basic,
        "Highest learning rate (paper: 5e-5).");
    v.field("train.warmup-steps", s.warmupSteps, { 0, 1e9 }, "steps", Basic,
        "Steps until the highest rate (paper: 1000); from there it falls to 0 at the last step.");
    v.field("train.clip-norm", s.clipNorm, { 1e-6, 1e9 }, "", Expert,
        "Longest gradient; longer ones are scaled down.");
    v.field(
        "train.adam-beta1", s.beta1, { 0, 0.9999 }, "", Expert, "Memory of Adam's mean gradient.");
    v.field(
        "train.adam-beta2", s.beta2, { 0, 0.999999 }, "", Expert, "Memory of Adam's mean square.");
    v.field("train.adam-eps", s.eps, { 1e-12, 1 }, "", Expert, "Added to Adam's denominator.");
    v.field("train.average-decay", s.averageDecay, { 0, 0.999999 }, "", Expert,
        "Memory of a moving average of the weights, which is then what is measured and kept as "
        "best; 0: none.");
    v.field("train.divergence-factor", s.divergenceFactor, { 0, 1e6 }, "", Expert,
        "A mean loss so many times above its lowest, and above chance, stops the run; 0: never.");
    v.field("train.seed", s.seed, { 0, 9e15 }, "", Basic, "Begin of all random numbers.");
    v.field("train.report-every", s.reportEvery, { 1, 1e9 }, "steps", Expert,
        "Steps between lines in the log.");
    v.field("train.evaluate-every", s.evaluateEvery, { 1, 1e9 }, "steps", Basic,
        "Steps between measurements of loss and recall.");
    v.field("train.checkpoint-every", s.checkpointEvery, { 1, 1e9 }, "steps", Basic,
        "Steps between checkpoints (paper: 1024).");
    v.field("train.device", s.device, tensor::deviceWishNames(), Basic, "Where to compute.");
    v.field("train.precision", s.precision, tensor::precisionWishNames(), Basic,
        "Type of matrix products; weights stay float32. auto: bfloat16 on a graphics card, else "
        "float32.");
}

} // namespace

void describe(SettingsVisitor& v, PretrainSettings& s)
{
    describeData(v, s);
    describeModel(v, s);
    describeBatches(v, s);
    describeLoop(v, s);
}

} // namespace clipscope::jobs
