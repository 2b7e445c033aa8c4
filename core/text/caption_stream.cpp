#include "text/caption_stream.h"

#include "base/json.h"
#include "base/system_error.h"
#include "text/python_numbers.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <system_error>
#include <vector>

namespace clipscope::text {
namespace {

constexpr std::size_t bufferBytes = 1 << 20;
constexpr std::uint64_t mostVideoBytes = 64 << 20;

/// The bytes of the file one by one, without Python's numbers. A failure ends them.
class ByteSource final
{
public:
    ByteSource(std::istream& stream, const std::filesystem::path& path, std::uint64_t total,
        const CaptionStreamSink& sink, std::stop_token stop)
        : m_stream(stream)
        , m_path(path)
        , m_total(total)
        , m_sink(sink)
        , m_stop(std::move(stop))
    {
        prepare();
    }

    bool atEnd() const { return m_at == m_end; }
    char current() const { return m_buffer[m_at]; }
    void next()
    {
        if (m_buffer[m_at] == '\n') {
            ++m_line;
            m_lineBegin = m_before + m_at + 1;
        }
        ++m_at;
        prepare();
    }
    /// A video begins: the limit counts from here.
    void beginVideo() { m_videoBegin = position(); }
    std::uint64_t position() const { return m_before + m_at; }
    Place place() const
    {
        return { m_path,
            "line " + std::to_string(m_line) + ", column "
                + std::to_string(position() - m_lineBegin) + ", byte "
                + std::to_string(position()) };
    }
    std::optional<Error> failure;

private:
    /// Makes current() right for the byte at m_at.
    void prepare()
    {
        if (m_end - m_at < longestPythonNumber && !m_fileEnded)
            refill();
        if (m_at == m_end)
            return;
        if (position() - m_videoBegin > mostVideoBytes && !failure)
            return stopWith({ ErrorKind::BadInput, "One video has more than 64 MB of captions.",
                place(), {}, {} });
        const char byte = m_buffer[m_at];
        if (m_inString) {
            if (m_escaped)
                m_escaped = false;
            else if (byte == '\\')
                m_escaped = true;
            else if (byte == '"')
                m_inString = false;
        } else if (byte == '"') {
            m_inString = true;
        } else if (byte == 'N' || byte == 'I' || byte == '-') {
            const std::string_view rest(m_buffer.data() + m_at, m_end - m_at);
            if (const std::size_t length = pythonNumberLength(rest))
                replacePythonNumber(m_buffer.data() + m_at, length);
        }
    }
    void refill()
    {
        if (m_stop.stop_requested())
            return stopWith(
                { ErrorKind::Cancelled, "Stopped while reading.", { m_path, {} }, {}, {} });
        m_sink.progress(position(), m_total);
        const std::size_t left = m_end - m_at;
        std::copy(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_at),
            m_buffer.begin() + static_cast<std::ptrdiff_t>(m_end), m_buffer.begin());
        m_before += m_at;
        m_at = 0;
        m_stream.read(m_buffer.data() + left, static_cast<std::streamsize>(bufferBytes - left));
        m_end = left + static_cast<std::size_t>(m_stream.gcount());
        m_fileEnded = !m_stream;
        if (m_stream.bad())
            stopWith({ ErrorKind::Io, "The file cannot be read.", { m_path, {} }, {}, {} });
    }
    void stopWith(Error error)
    {
        failure = std::move(error);
        m_at = m_end = 0;
        m_fileEnded = true;
    }

    std::istream& m_stream;
    const std::filesystem::path& m_path;
    const std::uint64_t m_total;
    const CaptionStreamSink& m_sink;
    const std::stop_token m_stop;
    std::vector<char> m_buffer = std::vector<char>(bufferBytes);
    std::size_t m_at = 0, m_end = 0;
    std::uint64_t m_before = 0, m_lineBegin = 0, m_videoBegin = 0, m_line = 1;
    bool m_fileEnded = false, m_inString = false, m_escaped = false;
};

/// What the parser asks for its input; default: the end.
class ByteIterator final
{
public:
    // NOLINTBEGIN(readability-identifier-naming): the standard library looks for these names
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;
    // NOLINTEND(readability-identifier-naming)

    explicit ByteIterator(ByteSource* source = nullptr)
        : m_source(source)
    {
    }
    char operator*() const { return m_source->current(); }
    ByteIterator& operator++()
    {
        m_source->next();
        return *this;
    }
    bool operator==(const ByteIterator& other) const { return ended() == other.ended(); }
    bool operator!=(const ByteIterator& other) const { return !(*this == other); }

private:
    bool ended() const { return m_source == nullptr || m_source->atEnd(); }
    ByteSource* m_source;
};

/// Collects one video after the other from the parser's events; false ends the parsing.
class VideoHandler final : public nlohmann::json_sax<Json>
{
public:
    VideoHandler(ByteSource& source, const CaptionStreamSink& sink)
        : m_source(source)
        , m_sink(sink)
    {
    }
    std::optional<Error> failure;

    bool null() override { return scalar(nan(), nullptr); }
    bool boolean(bool) override { return scalar(nan(), nullptr); }
    bool number_integer(number_integer_t value) override
    {
        return scalar(static_cast<double>(value), nullptr);
    }
    bool number_unsigned(number_unsigned_t value) override
    {
        return scalar(static_cast<double>(value), nullptr);
    }
    bool number_float(number_float_t value, const string_t&) override
    {
        return scalar(value, nullptr);
    }
    bool string(string_t& value) override { return scalar(nan(), &value); }
    bool binary(binary_t&) override { return scalar(nan(), nullptr); }

    bool start_object(std::size_t) override
    {
        if (m_passedOver > 0 || m_where == Where::Column)
            return passOver();
        if (m_where == Where::Nowhere) {
            m_where = Where::Videos;
            return true;
        }
        if (m_where == Where::Videos) {
            m_where = Where::Video;
            m_source.beginVideo();
            return true;
        }
        return m_column == Column::Other ? passOver() : badForm();
    }
    bool key(string_t& name) override
    {
        if (m_passedOver > 0)
            return true;
        if (m_where == Where::Videos) {
            m_source.beginVideo();
            m_name = name;
            m_start.clear();
            m_stop.clear();
            m_text.clear();
            m_seen = 0;
            return true;
        }
        m_column = name == "start"            ? Column::Start
            : name == "end" || name == "stop" ? Column::Stop
            : name == "text"                  ? Column::Text
                                              : Column::Other;
        return true;
    }
    bool end_object() override
    {
        if (m_passedOver > 0) {
            --m_passedOver;
            return true;
        }
        if (m_where == Where::Videos) {
            m_where = Where::Nowhere;
            return true;
        }
        m_where = Where::Videos;
        return finishVideo();
    }
    bool start_array(std::size_t) override
    {
        if (m_passedOver > 0 || m_where == Where::Column)
            return passOver();
        if (m_where != Where::Video)
            return badForm();
        if (m_column == Column::Other)
            return passOver();
        m_where = Where::Column;
        m_seen |= 1u << static_cast<unsigned>(m_column);
        if (m_column == Column::Text)
            m_text.clear();
        else
            times().clear();
        return true;
    }
    bool end_array() override
    {
        if (m_passedOver > 0)
            --m_passedOver;
        else
            m_where = Where::Video;
        return true;
    }
    bool parse_error(
        std::size_t, const std::string&, const nlohmann::detail::exception& exception) override
    {
        const std::string text = exception.what();
        const std::size_t detail = text.find(": ");
        failure = Error{ ErrorKind::BadInput,
            "The JSON is broken: " + (detail == std::string::npos ? text : text.substr(detail + 2))
                + ".",
            m_source.place(), {}, {} };
        return false;
    }

private:
    enum class Where { Nowhere, Videos, Video, Column };
    enum class Column { Start, Stop, Text, Other };

    static double nan() { return std::numeric_limits<double>::quiet_NaN(); }
    std::vector<double>& times() { return m_column == Column::Start ? m_start : m_stop; }
    bool badForm()
    {
        failure = Error{ ErrorKind::BadInput,
            "This is not the form of HowTo100M's raw_caption.json.", m_source.place(), {},
            "Each video is {\"start\": [s, …], \"end\": [s, …], \"text\": [\"…\", …]}." };
        return false;
    }
    /// An object or array that says nothing; in a column it stands for a value that is none.
    bool passOver()
    {
        if (m_passedOver == 0 && m_where == Where::Column)
            add(nan(), nullptr);
        ++m_passedOver;
        return true;
    }
    void add(double number, std::string* text)
    {
        if (m_column == Column::Text)
            m_text.push_back(text != nullptr ? std::move(*text) : std::string());
        else
            times().push_back(number);
    }
    bool scalar(double number, std::string* text)
    {
        if (m_passedOver > 0 || (m_where == Where::Video && m_column == Column::Other))
            return true;
        if (m_where != Where::Column)
            return badForm();
        add(number, text);
        return true;
    }
    void leaveOut(std::string message)
    {
        m_sink.problem({ ErrorKind::BadInput, std::move(message), m_source.place(), {}, {} });
    }
    bool finishVideo()
    {
        VideoCaptions video{ m_name, {} };
        if (m_seen != 7 || m_start.size() != m_stop.size() || m_start.size() != m_text.size()) {
            leaveOut("\"" + m_name
                + "\" was left out: \"start\", \"end\" and \"text\" are not three lists of one "
                  "length.");
            return true;
        }
        for (std::size_t at = 0; at < m_text.size(); ++at) {
            if (m_text[at].empty())
                continue;
            const std::string problem = captionTimesProblem(m_start[at], m_stop[at]);
            if (problem.empty())
                video.captions.push_back({ m_start[at], m_stop[at], std::move(m_text[at]) });
            else
                leaveOut("Caption " + std::to_string(at) + " of \"" + m_name
                    + "\" was left out: " + problem + ".");
        }
        if (Status taken = m_sink.video(std::move(video)); !taken) {
            failure = taken.error();
            return false;
        }
        return true;
    }

    ByteSource& m_source;
    const CaptionStreamSink& m_sink;
    Where m_where = Where::Nowhere;
    Column m_column = Column::Other;
    std::size_t m_passedOver = 0; ///< how deep in what is passed over
    unsigned m_seen = 0; ///< columns of the video, a bit each
    std::string m_name;
    std::vector<double> m_start, m_stop;
    std::vector<std::string> m_text;
};

} // namespace

Status streamCaptionsJson(
    const std::filesystem::path& path, const CaptionStreamSink& sink, std::stop_token stop)
{
    std::error_code code;
    const std::uint64_t total = std::filesystem::file_size(path, code);
    if (code)
        return fail(systemError("The file cannot be opened", path, code.value()));
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(ErrorKind::Io, "The file cannot be opened.", { path, {} });
    return streamCaptionsJson(stream, total, path, sink, std::move(stop));
}

Status streamCaptionsJson(std::istream& stream, std::uint64_t total,
    const std::filesystem::path& name, const CaptionStreamSink& sink, std::stop_token stop)
{
    ByteSource source(stream, name, total, sink, std::move(stop));
    VideoHandler handler(source, sink);
    const bool whole = Json::sax_parse(ByteIterator(&source), ByteIterator(), &handler);
    if (source.failure)
        return fail(*source.failure);
    if (handler.failure)
        return fail(*handler.failure);
    if (!whole)
        return fail(ErrorKind::BadInput, "The JSON is broken.", source.place());
    sink.progress(total, total);
    return {};
}

} // namespace clipscope::text
