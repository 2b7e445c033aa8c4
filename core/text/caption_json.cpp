#include "text/caption_readers.h"

#include "base/files.h"
#include "base/json.h"
#include "text/python_numbers.h"
#include "text/unicode.h"

#include <limits>

namespace clipscope::text {
namespace {

std::string withoutPythonNumbers(std::string text)
{
    bool inString = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') {
            inString = !inString;
        } else if (inString && text[at] == '\\') {
            ++at;
        } else if (!inString && (text[at] == 'N' || text[at] == 'I' || text[at] == '-')) {
            if (const std::size_t length = pythonNumberLength(std::string_view(text).substr(at)))
                replacePythonNumber(text.data() + at, length);
        }
    }
    return text;
}

class CollectionReader final
{
public:
    explicit CollectionReader(const std::filesystem::path& name)
        : m_name(name)
    {
    }

    Status readRoot(const Json& root);
    CaptionCollection take() { return std::move(m_collection); }

private:
    Status readVideoObjects(const Json& videos, const std::string& place);
    Status readList(VideoCaptions& video, const Json& list, const std::string& place);
    Status readColumns(VideoCaptions& video, const Json& columns, const std::string& place);
    void add(VideoCaptions& video, const Json* start, const Json* stop, const Json* text,
        const std::string& place);
    tl::unexpected<Error> badForm(std::string message, const std::string& place) const
    {
        return fail(ErrorKind::BadInput, std::move(message), { m_name, place },
            "Write {\"VIDEO\": [{\"start\": 0.0, \"end\": 2.5, \"text\": \"…\"}]}.");
    }

    const std::filesystem::path& m_name;
    CaptionCollection m_collection;
};

const Json* member(const Json& object, std::initializer_list<const char*> names)
{
    for (const char* name : names) {
        const auto found = object.find(name);
        if (found != object.end())
            return &*found;
    }
    return nullptr;
}

void CollectionReader::add(VideoCaptions& video, const Json* start, const Json* stop,
    const Json* text, const std::string& place)
{
    if (text == nullptr || !text->is_string())
        return;
    std::string line = onOneLine(text->get_ref<const std::string&>());
    if (line.empty())
        return;
    const auto number = [](const Json* value) {
        return value != nullptr && value->is_number() ? value->get<double>()
                                                      : std::numeric_limits<double>::quiet_NaN();
    };
    const Caption caption{ number(start), number(stop), std::move(line) };
    const std::string problem = captionTimesProblem(caption.startSeconds, caption.stopSeconds);
    if (problem.empty()) {
        video.captions.push_back(caption);
        return;
    }
    m_collection.problems.push_back(Error{ ErrorKind::BadInput,
        "A caption of \"" + video.video + "\" was left out: " + problem + ".", { m_name, place },
        {}, {} });
}

Status CollectionReader::readList(VideoCaptions& video, const Json& list, const std::string& place)
{
    for (std::size_t at = 0; at < list.size(); ++at) {
        const Json& item = list[at];
        const std::string itemPlace = place + "/" + std::to_string(at);
        if (!item.is_object())
            return badForm("A caption is not an object.", itemPlace);
        add(video, member(item, { "start" }), member(item, { "end", "stop" }),
            member(item, { "text" }), itemPlace);
    }
    return {};
}

Status CollectionReader::readColumns(
    VideoCaptions& video, const Json& columns, const std::string& place)
{
    const Json* start = member(columns, { "start" });
    const Json* stop = member(columns, { "end", "stop" });
    const Json* text = member(columns, { "text" });
    for (const Json* column : { start, stop, text })
        if (column == nullptr || !column->is_array() || column->size() != start->size())
            return badForm(
                "\"start\", \"end\" and \"text\" are not three lists of one length.", place);
    for (std::size_t at = 0; at < start->size(); ++at)
        add(video, &(*start)[at], &(*stop)[at], &(*text)[at], place + "/" + std::to_string(at));
    return {};
}

Status CollectionReader::readVideoObjects(const Json& videos, const std::string& place)
{
    for (std::size_t at = 0; at < videos.size(); ++at) {
        const Json& item = videos[at];
        const std::string itemPlace = place + "/" + std::to_string(at);
        const Json* name = item.is_object() ? member(item, { "file", "video", "path" }) : nullptr;
        if (name == nullptr || !name->is_string())
            return badForm("A video has no \"file\".", itemPlace);
        VideoCaptions video{ name->get<std::string>(), {} };
        if (const Json* captions = member(item, { "captions" })) {
            if (!captions->is_array())
                return badForm("\"captions\" is not a list.", itemPlace + "/captions");
            CLIP_TRY(readList(video, *captions, itemPlace + "/captions"));
        }
        m_collection.videos.push_back(std::move(video));
    }
    return {};
}

Status CollectionReader::readRoot(const Json& root)
{
    if (!root.is_object())
        return badForm("The captions are not one JSON object.", "line 1, column 1");
    for (const char* name : { "clips", "videos" }) {
        const auto found = root.find(name);
        if (found != root.end() && found->is_array() && !found->empty()
            && !member((*found)[0].is_object() ? (*found)[0] : Json::object(), { "text" }))
            return readVideoObjects(*found, std::string("/") + name);
    }
    for (const auto& [name, value] : root.items()) {
        VideoCaptions video{ name, {} };
        if (value.is_array())
            CLIP_TRY(readList(video, value, "/" + name));
        else if (value.is_object())
            CLIP_TRY(readColumns(video, value, "/" + name));
        else
            return badForm("The captions of a video are neither a list nor an object.", "/" + name);
        m_collection.videos.push_back(std::move(video));
    }
    return {};
}

} // namespace

Result<CaptionCollection> parseCaptionsJson(
    std::string_view content, const std::filesystem::path& name)
{
    const std::string text = withoutPythonNumbers(utf8FromFileContent(content));
    CLIP_TRY_ASSIGN(const Json root, parseJson(text, name));
    CollectionReader reader(name);
    CLIP_TRY(reader.readRoot(root));
    return reader.take();
}

Result<CaptionCollection> readCaptionsJson(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string content, readFile(path));
    return parseCaptionsJson(content, path);
}

} // namespace clipscope::text
