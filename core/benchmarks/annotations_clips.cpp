#include "benchmarks/annotations.h"

#include "base/json.h"
#include "benchmarks/annotation_reading.h"

#include <array>
#include <cmath>

namespace clipscope::benchmarks {

namespace {

/// Nothing when the times are none of a clip.
std::optional<ClipItem> clipOf(std::string video, std::string text, double start, double stop)
{
    if (!areTimes(start, stop) || start == stop)
        return std::nullopt;
    return ClipItem{ std::move(video), std::move(text),
        static_cast<std::int64_t>(std::floor(start)), static_cast<std::int64_t>(std::ceil(stop)) };
}

Result<std::vector<ClipItem>> youCook2Json(
    std::string_view content, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, file));
    const Json& database = memberOf(root, "database");
    if (!database.is_object())
        return anotherForm(file, "/database", "an object of videos was expected");
    std::vector<ClipItem> clips;
    for (const auto& [video, entry] : database.items()) {
        const std::string place = "/database/" + video;
        const auto subset = textOf(entry, "subset");
        if (!subset)
            return anotherForm(file, place + "/subset", "a text was expected");
        if (*subset != "validation")
            continue;
        const Json& list = memberOf(entry, "annotations");
        if (!list.is_array())
            return anotherForm(file, place + "/annotations", "a list was expected");
        for (std::size_t at = 0; at < list.size(); ++at) {
            const auto times = pairOf(memberOf(list[at], "segment"));
            const auto sentence = textOf(list[at], "sentence");
            auto clip = times && sentence && !sentence->empty()
                ? clipOf(video, *sentence, times->first, times->second)
                : std::nullopt;
            if (!clip)
                return anotherForm(file, place + "/annotations/" + std::to_string(at),
                    "a sentence and a segment of two times in seconds were expected");
            clips.push_back(std::move(*clip));
        }
    }
    return clips;
}

Result<std::vector<ClipItem>> youCook2Csv(
    std::string_view content, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(
        const Table table, tableOf(content, ',', file, { "video_id", "start", "end", "text" }));
    std::vector<ClipItem> clips;
    for (const text::Row& row : table.rows) {
        CLIP_TRY_ASSIGN(std::string video, table.textOf(row, "video_id"));
        CLIP_TRY_ASSIGN(std::string text, table.textOf(row, "text"));
        auto clip = clipOf(std::move(video), std::move(text),
            text::numberIn(table.cells.cell(row, "start")).value_or(NAN),
            text::numberIn(table.cells.cell(row, "end")).value_or(NAN));
        if (!clip)
            return badLine(file, row.line, "\"start\" and \"end\" are no times of a clip.");
        clips.push_back(std::move(*clip));
    }
    return clips;
}

/// "video7010" of "msr7010", empty for anything else.
std::string videoOfKey(std::string_view key)
{
    return key.starts_with("msr") && text::integerIn(key.substr(3))
        ? "video" + std::string(key.substr(3))
        : std::string();
}

/// The pieces [first, last] that an annotator chose, nothing when they are none.
std::optional<std::pair<int, int>> piecesOf(const Json& json)
{
    const auto pieces = pairOf(json);
    if (!pieces)
        return std::nullopt;
    const auto [first, last] = *pieces;
    if (!(first >= 0.0 && first <= last && last <= 5.0) || first != std::floor(first)
        || last != std::floor(last))
        return std::nullopt;
    return std::pair{ static_cast<int>(first), static_cast<int>(last) };
}

Result<PartItem> partItemOf(
    const Json& json, const std::string& place, const std::filesystem::path& file)
{
    const auto video = textOf(json, "video"), description = textOf(json, "description");
    const Json& times = memberOf(json, "times");
    if (!video || video->empty() || !description || description->empty() || !times.is_array()
        || times.empty())
        return anotherForm(file, place, "\"video\", \"description\" and \"times\" were expected");
    PartItem item{ *video, *description, {} };
    for (std::size_t at = 0; at < times.size(); ++at) {
        const auto pieces = piecesOf(times[at]);
        if (!pieces)
            return anotherForm(file, place + "/times/" + std::to_string(at),
                "the first and the last piece, 0 to 5, were expected");
        item.times.push_back(*pieces);
    }
    return item;
}

} // namespace

Result<std::vector<ClipItem>> readYouCook2(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    const std::size_t first = content.find_first_not_of(" \t\r\n");
    const bool isJson = first != std::string::npos && content[first] == '{';
    CLIP_TRY_ASSIGN(auto clips, isJson ? youCook2Json(content, file) : youCook2Csv(content, file));
    CLIP_TRY(requireSome(clips.empty(), "clips of validation videos", file));
    return clips;
}

Result<std::vector<ClipItem>> readMsrVtt(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const Table table, tableOf(content, ',', file, { "video_id", "sentence" }));
    std::vector<ClipItem> clips;
    for (const text::Row& row : table.rows) {
        CLIP_TRY_ASSIGN(std::string video, table.textOf(row, "video_id"));
        CLIP_TRY_ASSIGN(std::string sentence, table.textOf(row, "sentence"));
        clips.push_back({ std::move(video), std::move(sentence) });
    }
    CLIP_TRY(requireSome(clips.empty(), "videos", file));
    return clips;
}

Result<std::vector<ChoiceItem>> readMsrVttChoice(const std::filesystem::path& file)
{
    static constexpr std::array choices{ "a1", "a2", "a3", "a4", "a5" };
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const Table table,
        tableOf(content, '\t', file, { "vid_key", "a1", "a2", "a3", "a4", "a5", "answer" }));
    std::vector<ChoiceItem> items;
    for (const text::Row& row : table.rows) {
        ChoiceItem item{ videoOfKey(table.cells.cell(row, "vid_key")), {}, 0 };
        if (item.video.empty())
            return badLine(file, row.line, "\"vid_key\" is no name like \"msr7010\".");
        for (const char* column : choices) {
            CLIP_TRY_ASSIGN(std::string text, table.textOf(row, column));
            item.choices.push_back(std::move(text));
        }
        const auto answer = text::integerIn(table.cells.cell(row, "answer"));
        if (!answer || *answer < 0 || *answer >= static_cast<std::int64_t>(choices.size()))
            return badLine(file, row.line, "\"answer\" is no number from 0 to 4.");
        item.answer = static_cast<std::size_t>(*answer);
        items.push_back(std::move(item));
    }
    CLIP_TRY(requireSome(items.empty(), "videos", file));
    return items;
}

Result<std::vector<PartItem>> readDidemo(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, file));
    if (!root.is_array())
        return anotherForm(file, "/", "a list of descriptions was expected");
    std::vector<PartItem> items;
    for (std::size_t at = 0; at < root.size(); ++at) {
        CLIP_TRY_ASSIGN(
            PartItem item, partItemOf(root[at], std::to_string(at).insert(0, 1, '/'), file));
        items.push_back(std::move(item));
    }
    CLIP_TRY(requireSome(items.empty(), "descriptions", file));
    return items;
}

} // namespace clipscope::benchmarks
