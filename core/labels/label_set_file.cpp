#include "labels/label_set_file.h"

#include "base/files.h"
#include "base/hash.h"
#include "labels/label_set_readers.h"
#include "text/unicode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace clipscope::labels {

namespace {

constexpr std::uint64_t largestFile = 1u << 26;
constexpr std::string_view ourFormat = "clipscope-label-set";
constexpr int ourVersion = 1;

constexpr std::array<std::string_view, 6> formatNames{ "json", "text", "csv", "coin-taxonomy",
    "coin", "crosstask" };

std::string colourText(std::uint32_t colour)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "#";
    for (int shift = 20; shift >= 0; shift -= 4)
        text += digits[colour >> shift & 15u];
    return text;
}

Json toJson(const Label& label)
{
    Json json{ { "name", label.name } };
    if (!label.wordings.empty())
        json["wordings"] = label.wordings;
    if (!label.parent.empty())
        json["parent"] = label.parent;
    if (label.colour)
        json["colour"] = colourText(*label.colour);
    if (label.threshold)
        json["threshold"] = *label.threshold;
    if (label.sourceId != 0)
        json["sourceId"] = label.sourceId;
    if (!label.key.empty())
        json["key"] = label.key;
    return json;
}

/// Reads our own JSON. Errors name the JSON path.
class JsonSetReader final
{
public:
    explicit JsonSetReader(const std::filesystem::path& name)
        : m_name(name)
    {
    }

    Result<LabelSet> read(const Json& root) const
    {
        if (!root.is_object() || !root.contains("format") || root["format"] != Json(ourFormat))
            return wrong(lineNumber(0), "it is no label set of Clipscope");
        if (!root.contains("version") || !root["version"].is_number_integer()
            || root["version"].get<std::int64_t>() > ourVersion)
            return fail(ErrorKind::Unsupported,
                "The label set was written by a newer version of Clipscope.",
                { m_name, "/version" });
        LabelSet set;
        CLIP_TRY(take(root, "name", "", set.name));
        CLIP_TRY(take(root, "templates", "", set.templates));
        if (!root.contains("labels") || !root["labels"].is_array())
            return wrong("/labels", "a list of labels was expected");
        for (std::size_t at = 0; at < root["labels"].size(); ++at) {
            CLIP_TRY_ASSIGN(
                Label label, readLabel(root["labels"][at], "/labels/" + std::to_string(at)));
            set.labels.push_back(std::move(label));
        }
        return set;
    }

private:
    tl::unexpected<Error> wrong(std::string where, std::string_view what) const
    {
        return fail(ErrorKind::BadInput, "The label set cannot be read: " + std::string(what) + ".",
            { m_name, std::move(where) });
    }

    Status take(const Json& json, const char* key, const std::string& where, std::string& out) const
    {
        if (!json.contains(key))
            return {};
        if (!json[key].is_string())
            return wrong(where + "/" + key, "a text was expected");
        out = json[key].get<std::string>();
        return {};
    }

    Status take(const Json& json, const char* key, const std::string& where,
        std::vector<std::string>& out) const
    {
        if (!json.contains(key))
            return {};
        if (!json[key].is_array())
            return wrong(where + "/" + key, "a list of texts was expected");
        for (const Json& entry : json[key]) {
            if (!entry.is_string())
                return wrong(where + "/" + key, "a list of texts was expected");
            out.push_back(entry.get<std::string>());
        }
        return {};
    }

    Result<Label> readLabel(const Json& json, const std::string& where) const
    {
        if (!json.is_object())
            return wrong(where, "a label was expected");
        Label label;
        std::string colour;
        CLIP_TRY(take(json, "name", where, label.name));
        CLIP_TRY(take(json, "wordings", where, label.wordings));
        CLIP_TRY(take(json, "parent", where, label.parent));
        CLIP_TRY(take(json, "colour", where, colour));
        CLIP_TRY(take(json, "key", where, label.key));
        if (json.contains("colour")) {
            label.colour = colourIn(colour);
            if (!label.colour)
                return wrong(where + "/colour", "a colour like #1f77b4 was expected");
        }
        if (json.contains("threshold")) {
            if (!json["threshold"].is_number())
                return wrong(where + "/threshold", "a number was expected");
            label.threshold = json["threshold"].get<double>();
        }
        if (json.contains("sourceId")) {
            if (!json["sourceId"].is_number_integer())
                return wrong(where + "/sourceId", "a whole number was expected");
            label.sourceId = json["sourceId"].get<std::int64_t>();
        }
        return label;
    }

    std::filesystem::path m_name;
};

/// "name = wording | wording", below its parent by indentation, "#" begins a comment,
/// "@templates = a video of {} | {}".
Result<LabelSet> readText(std::string_view content, const std::filesystem::path& name)
{
    LabelSet set;
    std::vector<std::pair<std::size_t, std::string>> above; // indentation and name of open parents
    std::unordered_set<std::string> seen;
    const auto lines = text::linesOf(content);
    for (std::size_t at = 0; at < lines.size(); ++at) {
        const std::string_view line = text::stripped(lines[at]);
        if (line.empty() || line.starts_with('#'))
            continue;
        const std::size_t equals = line.find('=');
        const std::string head(text::stripped(line.substr(0, equals)));
        std::vector<std::string> wordings;
        if (equals != std::string_view::npos)
            for (const std::string_view wording : splitAt(line.substr(equals + 1), "|"))
                if (!wording.empty())
                    wordings.emplace_back(wording);
        if (head == "@templates") {
            set.templates = std::move(wordings);
            continue;
        }
        if (head.empty() || !seen.insert(head).second)
            return fail(ErrorKind::BadInput,
                head.empty() ? "A line has no label." : "The label " + head + " is there twice.",
                { name, lineNumber(at) });
        const auto indentation = static_cast<std::size_t>(line.data() - lines[at].data());
        while (!above.empty() && above.back().first >= indentation)
            above.pop_back();
        Label label{ head, std::move(wordings), {}, {}, {}, 0, {} };
        if (!above.empty())
            label.parent = above.back().second;
        above.emplace_back(indentation, head);
        set.labels.push_back(std::move(label));
    }
    return set;
}

Result<LabelSet> readSetCsv(std::string_view content, const std::filesystem::path& name)
{
    const std::string_view first = content.substr(0, content.find('\n'));
    const char separator = first.find('\t') != std::string_view::npos ? '\t'
        : first.find(';') != std::string_view::npos                   ? ';'
                                                                      : ',';
    CLIP_TRY_ASSIGN(const std::vector<Row> rows, rowsOf(content, separator, name));
    const CellFinder cells(rows.empty() ? Row() : rows.front());
    if (!cells.has("name") && !cells.has("label"))
        return fail(ErrorKind::BadInput, "The first line does not name a column \"name\".",
            { name, lineNumber(0) },
            "The columns are name, wordings, parent, colour, threshold, id, key.");
    LabelSet set;
    std::unordered_set<std::string> seen;
    for (std::size_t at = 1; at < rows.size(); ++at) {
        const Row& row = rows[at];
        if (text::isBlank(row))
            continue;
        const Place place{ name, lineNumber(row.line - 1) };
        Label label;
        label.name = cells.cell(row, cells.has("name") ? "name" : "label");
        if (label.name.empty() || !seen.insert(label.name).second)
            return fail(ErrorKind::BadInput,
                label.name.empty() ? "A line has no label."
                                   : "The label " + label.name + " is there twice.",
                place);
        for (const std::string_view wording : splitAt(cells.cell(row, "wordings"), "|"))
            if (!wording.empty())
                label.wordings.emplace_back(wording);
        label.parent = cells.cell(row, "parent");
        label.key = cells.cell(row, "key");
        if (const std::string_view colour = cells.cell(row, "colour"); !colour.empty()) {
            label.colour = colourIn(colour);
            if (!label.colour)
                return fail(ErrorKind::BadInput, "A colour is not like #1f77b4.", place);
        }
        if (const std::string_view text = cells.cell(row, "threshold"); !text.empty()) {
            label.threshold = numberIn(text);
            if (!label.threshold || !std::isfinite(*label.threshold))
                return fail(ErrorKind::BadInput, "A threshold is no number.", place);
        }
        if (const std::string_view text = cells.cell(row, "id"); !text.empty()) {
            const auto id = integerIn(text);
            if (!id)
                return fail(ErrorKind::BadInput, "An id is no whole number.", place);
            label.sourceId = *id;
        }
        set.labels.push_back(std::move(label));
    }
    return set;
}

/// None in files of another kind.
Result<std::vector<Task>> tasksIn(
    std::string_view content, const std::filesystem::path& name, SetFormat format)
{
    switch (format) {
    case SetFormat::CoinTaxonomy:
        return readCoinTaxonomy(content, name);
    case SetFormat::Coin:
        return readCoinDatabase(content, name);
    case SetFormat::CrossTask:
        return readCrossTask(content, name);
    case SetFormat::Json:
    case SetFormat::Text:
    case SetFormat::Csv:
        break;
    }
    return std::vector<Task>();
}

Result<LabelSetFile> readAny(std::string_view content, const std::filesystem::path& name,
    SetFormat format, const SetOptions& options)
{
    LabelSetFile file;
    switch (format) {
    case SetFormat::Json: {
        CLIP_TRY_ASSIGN(const Json root, parseJson(content, name));
        CLIP_TRY_ASSIGN(file.set, JsonSetReader(name).read(root));
        break;
    }
    case SetFormat::Text: {
        CLIP_TRY_ASSIGN(file.set, readText(content, name));
        break;
    }
    case SetFormat::Csv: {
        CLIP_TRY_ASSIGN(file.set, readSetCsv(content, name));
        break;
    }
    case SetFormat::CoinTaxonomy:
    case SetFormat::Coin:
    case SetFormat::CrossTask: {
        CLIP_TRY_ASSIGN(const std::vector<Task> tasks, tasksIn(content, name, format));
        if (options.task.empty() && format != SetFormat::CrossTask)
            return setOfAll(tasks);
        return setOfTask(tasks, options.task, name);
    }
    }
    return file;
}

} // namespace

std::optional<std::uint32_t> colourIn(std::string_view text)
{
    text = text::stripped(text);
    if (text.size() != 7 || text.front() != '#')
        return std::nullopt;
    std::uint32_t colour = 0;
    for (const char c : text.substr(1)) {
        const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
        if (digit == std::string_view::npos)
            return std::nullopt;
        colour = colour << 4 | static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return colour;
}

std::string_view nameOf(SetFormat format)
{
    return formatNames.at(static_cast<std::size_t>(format));
}

std::optional<SetFormat> setFormatOf(std::string_view name)
{
    const auto found = std::ranges::find(formatNames, name);
    if (found == formatNames.end())
        return std::nullopt;
    return static_cast<SetFormat>(found - formatNames.begin());
}

SetFormat guessSetFormat(const std::filesystem::path& path, std::string_view content)
{
    const std::string extension = utf8(path.extension());
    const std::string_view beginning = content.substr(0, 4096);
    const auto says
        = [&](std::string_view word) { return beginning.find(word) != std::string_view::npos; };
    if (extension == ".json")
        return says(ourFormat) || !says("\"database\"") ? SetFormat::Json : SetFormat::Coin;
    if (extension == ".csv" || extension == ".tsv")
        return says("Action Id") ? SetFormat::CoinTaxonomy : SetFormat::Csv;
    return utf8(path.stem()).starts_with("tasks_") ? SetFormat::CrossTask : SetFormat::Text;
}

Result<LabelSetFile> readLabelSet(
    const std::filesystem::path& path, SetFormat format, const SetOptions& options)
{
    CLIP_TRY_ASSIGN(const std::string content, readFile(path, largestFile));
    return parseLabelSet(content, path, format, options);
}

Result<LabelSetFile> parseLabelSet(std::string_view content, const std::filesystem::path& name,
    SetFormat format, const SetOptions& options)
{
    CLIP_TRY_ASSIGN(
        LabelSetFile file, readAny(text::utf8FromFileContent(content), name, format, options));
    if (!options.name.empty())
        file.set.name = options.name;
    if (file.set.name.empty())
        file.set.name = utf8(name.stem());
    if (format != SetFormat::Json && file.set.labels.empty())
        return fail(ErrorKind::BadInput, "The label set has no label.", { name, {} });
    if (Status status = checkLabelSet(file.set); !status) {
        status.error().place.file = name;
        return fail(std::move(status).error());
    }
    return file;
}

Result<std::vector<std::string>> taskNamesIn(
    std::string_view content, const std::filesystem::path& name, SetFormat format)
{
    const std::string text = text::utf8FromFileContent(content);
    CLIP_TRY_ASSIGN(const std::vector<Task> tasks, tasksIn(text, name, format));
    std::vector<std::string> names;
    for (const Task& task : tasks)
        names.push_back(task.name);
    return names;
}

std::string serialise(const LabelSet& set)
{
    Json labels = Json::array();
    for (const Label& label : set.labels)
        labels.push_back(toJson(label));
    return dump(Json{ { "format", ourFormat }, { "version", ourVersion }, { "name", set.name },
                    { "templates", set.templates }, { "labels", std::move(labels) } },
               1)
        + "\n";
}

Status writeLabelSet(const std::filesystem::path& path, const LabelSet& set)
{
    return writeFileAtomically(path, serialise(set));
}

std::string hashOf(const LabelSet& set)
{
    return clipscope::hashOf(serialise(set));
}

std::string hashOf(std::span<const LabelSet> sets)
{
    if (sets.empty())
        return {};
    if (sets.size() == 1)
        return hashOf(sets.front());
    std::string all;
    for (const LabelSet& set : sets)
        all += serialise(set);
    return clipscope::hashOf(all);
}

Status checkLabelSet(const LabelSet& set)
{
    const auto wrong = [](std::string what) { return fail(ErrorKind::BadInput, std::move(what)); };
    std::unordered_map<std::string_view, const Label*> byName;
    for (const Label& label : set.labels) {
        if (label.name.empty())
            return wrong("A label has no name.");
        if (!byName.try_emplace(label.name, &label).second)
            return wrong("The label " + label.name + " is there twice.");
    }
    // Every step upwards is taken once: what leads to the top is remembered.
    std::unordered_map<std::string_view, std::size_t> walkOf;
    for (std::size_t walk = 0; walk < set.labels.size(); ++walk) {
        const Label* label = &set.labels[walk];
        while (!label->parent.empty()) {
            const auto [step, isNew] = walkOf.try_emplace(label->name, walk);
            if (!isNew && step->second == walk)
                return wrong("The label " + label->name + " is among its own parents.");
            if (!isNew)
                break;
            const auto parent = byName.find(label->parent);
            if (parent == byName.end())
                return wrong(
                    "The parent " + label->parent + " of " + label->name + " is not in the set.");
            label = parent->second;
        }
    }
    return {};
}

} // namespace clipscope::labels
