#pragma once

#include "base/result.h"
#include "labels/label_set.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::labels {

/// File forms of label sets; all but Json are only read. docs/formats/label-sets.md has examples.
enum class SetFormat : std::uint8_t {
    Json, ///< our own, lossless
    Text, ///< one label a line: "cut = cut the onions | a knife cuts", indented below its parent
    Csv, ///< header with name, wordings, parent, colour, threshold, id, key
    CoinTaxonomy, ///< CSV of COIN: Target Id, Target Label, Action Id, Action Label
    Coin, ///< COIN.json: the steps that its videos have
    CrossTask, ///< tasks_primary.txt, tasks_related.txt
};

std::string_view nameOf(SetFormat format); ///< "json", "text", "csv", "coin-taxonomy", ...
std::optional<SetFormat> setFormatOf(std::string_view name);
/// By the extension and what stands in the file; text for anything else.
SetFormat guessSetFormat(const std::filesystem::path& path, std::string_view content);

struct SetOptions
{
    /// The one task to take of COIN or CrossTask, by name or number: its steps in order. Empty: all
    /// of COIN's tasks with their steps below them; CrossTask files of one task.
    std::string task;
    std::string name; ///< of the set; empty: the task's, else the file's without extension
};

struct LabelSetFile
{
    LabelSet set;
    std::vector<std::string> notes; ///< for people: what could not be taken as it stood
};

/// Reads a label set. Encodings as text::utf8FromFileContent().
/// Errors: NotFound, Io; BadInput with file and line when it is not of the form, names a label
///         twice, has no label (our own JSON may: a set just begun), or a parent that is not there
///         or its own; when the task is unknown or one of several must be chosen (the message lists
///         them).
/// Threads: any thread at once. Cost: the whole file in memory, at most 64 MB.
Result<LabelSetFile> readLabelSet(
    const std::filesystem::path& path, SetFormat format, const SetOptions& options = {});
Result<LabelSetFile> parseLabelSet(std::string_view content, const std::filesystem::path& name,
    SetFormat format, const SetOptions& options = {});

/// The tasks one of which may be chosen, in the file's order; none where the format knows none.
/// Errors: BadInput as parseLabelSet().
Result<std::vector<std::string>> taskNamesIn(
    std::string_view content, const std::filesystem::path& name, SetFormat format);

/// Our own JSON, and back through SetFormat::Json.
std::string serialise(const LabelSet& set);
/// Errors: Io.
Status writeLabelSet(const std::filesystem::path& path, const LabelSet& set);

/// 32 hexadecimal digits that change with anything a model or a reader of exports could notice;
/// equal on every machine. Independent of how the file of the set is laid out.
std::string hashOf(const LabelSet& set);
/// Of several, in their order; "" for none.
std::string hashOf(std::span<const LabelSet> sets);

/// What is wrong with a set as a whole: no name twice, parents there and without circle.
/// Errors: BadInput.
Status checkLabelSet(const LabelSet& set);

} // namespace clipscope::labels
