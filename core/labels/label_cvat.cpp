#include "labels/label_formats.h"
#include "labels/label_xml.h"

#include <algorithm>
#include <unordered_set>

namespace clipscope::labels {

namespace {

using FrameSpan = std::pair<std::int64_t, std::int64_t>; ///< half-open

/// CVAT knows boxes and tags on frames, no spans of time: frames where a label is seen are merged.
class CvatReader final
{
public:
    CvatReader(
        std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
        : m_name(name)
        , m_lines(content)
        , m_gatherer(Format::Cvat, name, options)
    {
    }

    Result<LabelFile> read(const pugi::xml_node& root)
    {
        readMeta(root.child("meta"));
        for (const pugi::xml_node& node : root.children()) {
            if (std::string_view(node.name()) == "track")
                readTrack(node);
            else if (std::string_view(node.name()) == "image")
                readImage(node);
        }
        for (const auto& [tier, byLabel] : m_spans) {
            for (const auto& [label, spans] : byLabel)
                merge(tier, label, spans);
        }
        return m_gatherer.finish();
    }

private:
    void readMeta(const pugi::xml_node& meta)
    {
        pugi::xml_node work = meta.child("task");
        if (!work)
            work = meta.child("job");
        const pugi::xml_node source
            = meta.child("source") ? meta.child("source") : work.child("source");
        m_gatherer.beginVideo(source.text().get());
        const std::string_view filter = work.child("frame_filter").text().get();
        if (filter.starts_with("step="))
            m_step = std::clamp<std::int64_t>(integerIn(filter.substr(5)).value_or(1), 1, 1 << 20);
        LabelSet set;
        set.name = work.child("name").text().get();
        std::unordered_set<std::string> seen;
        for (const pugi::xml_node& label : work.child("labels").children("label")) {
            const std::string name = label.child("name").text().get();
            if (!name.empty() && seen.insert(name).second)
                set.labels.push_back({ name, {}, {}, {}, {}, 0, {} });
        }
        if (!set.labels.empty())
            m_gatherer.addLabelSet(std::move(set));
    }

    std::string where(const pugi::xml_node& node) const
    {
        return m_lines.lineOf(node.offset_debug());
    }

    std::optional<std::int64_t> frameIn(const pugi::xml_node& node, const char* attribute)
    {
        const auto frame = integerIn(node.attribute(attribute).value());
        if (frame && *frame >= 0 && *frame < m_gatherer.clock().frameCount)
            return frame;
        m_gatherer.problem(
            "A shape was left out: its frame is no number or not in the video.", where(node));
        return std::nullopt;
    }

    static bool isSeen(const pugi::xml_node& shape)
    {
        if (std::string_view(shape.name()) != "skeleton")
            return std::string_view(shape.attribute("outside").value()) != "1";
        bool any = false, seen = false;
        for (const pugi::xml_node& part : shape.children()) {
            if (!part.attribute("outside"))
                continue;
            any = true;
            seen |= std::string_view(part.attribute("outside").value()) != "1";
        }
        return seen || !any;
    }

    void readTrack(const pugi::xml_node& track)
    {
        std::vector<std::pair<std::int64_t, bool>> shapes;
        for (const pugi::xml_node& shape : track.children())
            if (shape.attribute("frame"))
                if (const auto frame = frameIn(shape, "frame"))
                    shapes.emplace_back(*frame, isSeen(shape));
        std::ranges::sort(shapes);
        auto& spans = m_spans["tracks"][track.attribute("label").value()];
        for (std::size_t at = 0; at < shapes.size(); ++at) {
            // Between two key frames the shape is there; the export ends with the last seen frame.
            const std::int64_t stop
                = at + 1 < shapes.size() ? shapes[at + 1].first : shapes[at].first + m_step;
            if (shapes[at].second && stop > shapes[at].first)
                spans.emplace_back(shapes[at].first, stop);
        }
    }

    void readImage(const pugi::xml_node& image)
    {
        const auto frame = frameIn(image, "id");
        for (const pugi::xml_node& node : image.children()) {
            if (!frame || !node.attribute("label"))
                continue;
            const bool tag = std::string_view(node.name()) == "tag";
            m_spans[tag ? "tags" : "shapes"][node.attribute("label").value()].emplace_back(
                *frame, *frame + m_step);
        }
    }

    void merge(const std::string& tier, const std::string& label, std::vector<FrameSpan> spans)
    {
        std::ranges::sort(spans);
        for (std::size_t first = 0; first < spans.size();) {
            std::int64_t stop = spans[first].second;
            std::size_t next = first + 1;
            for (; next < spans.size() && spans[next].first <= stop; ++next)
                stop = std::max(stop, spans[next].second);
            const FrameClock& clock = m_gatherer.clock();
            Segment segment{ 0, clock.startOf(spans[first].first), clock.startOf(stop), label, {},
                {}, {}, {} };
            assumeSource(segment, Source::Hand);
            m_gatherer.add({ m_gatherer.tierName(tier), Source::Hand, {} }, std::move(segment), {});
            first = next;
        }
    }

    std::filesystem::path m_name;
    LineFinder m_lines;
    Gatherer m_gatherer;
    std::int64_t m_step = 1;
    std::map<std::string, std::map<std::string, std::vector<FrameSpan>>> m_spans;
};

} // namespace

Result<LabelFile> readCvat(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY(needClock(options.clock, Format::Cvat, name));
    pugi::xml_document document;
    CLIP_TRY(loadXml(document, content, pugi::parse_default, name));
    const pugi::xml_node root = document.child("annotations");
    if (!root)
        return fail(ErrorKind::BadInput, "The XML is not CVAT's: its root is not <annotations>.",
            { name, lineNumber(0) });
    return CvatReader(content, name, options).read(root);
}

} // namespace clipscope::labels
