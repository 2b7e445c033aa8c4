#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::labels {

/// One class of a label set.
struct Label
{
    std::string name; ///< unique in its set; what segments carry
    /// What the model is asked; their vectors are averaged. Empty: the name itself.
    std::vector<std::string> wordings;
    std::string parent; ///< name of another label of the set, for grouping; empty at the top
    std::optional<std::uint32_t> colour; ///< 0xRRGGBB; nothing: by position, safe for colour-blind
    std::optional<double> threshold; ///< in place of the set's; units of the model's scores
    std::int64_t sourceId = 0; ///< the number it has in the file it came from (COIN ids), or 0
    std::string key; ///< key that assigns it: "1", "a"; empty: by position

    /// The wordings the model is asked.
    std::vector<std::string> spokenWordings() const;
    bool operator==(const Label&) const = default;
};

/// Names that segments may have, and how a model is asked for them.
struct LabelSet
{
    std::string name; ///< unique in a project
    /// Each wording is put in place of "{}" in each template; the vectors are averaged as well.
    /// Empty: wordings are used as they are.
    std::vector<std::string> templates;
    std::vector<Label> labels; ///< in the user's order; for ordered steps the order of the task

    const Label* label(std::string_view name) const; ///< null when there is none
    /// Every text the model is asked for `label`: wordings x templates, without repetition.
    std::vector<std::string> textsOf(const Label& label) const;
    bool operator==(const LabelSet&) const = default;
};

} // namespace clipscope::labels
