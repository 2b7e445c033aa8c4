#include "store/metrics_scan.h"

#include "base/json.h"
#include "base/system_error.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::store {

namespace {

constexpr std::size_t blockBytes = 1U << 20U;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Row
{
    std::int64_t step = 0;
    std::vector<std::pair<std::string_view, double>> values;
};

/// The flat objects that the trainer writes, without making a tree of them.
class FlatLine final
{
public:
    explicit FlatLine(std::string_view text)
        : m_at(text.data())
        , m_end(text.data() + text.size())
    {
    }

    /// False for everything that is not a flat object of plain names and numbers.
    bool read(Row& row)
    {
        row.step = 0;
        row.values.clear();
        if (!take('{'))
            return false;
        do {
            std::string_view name;
            double value = 0.0;
            if (!word(name) || !take(':') || !number(value))
                return false;
            if (name == "step")
                row.step = static_cast<std::int64_t>(value);
            else
                row.values.emplace_back(name, value);
        } while (take(','));
        return take('}') && (skipSpace(), m_at == m_end);
    }

private:
    void skipSpace()
    {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\t' || *m_at == '\r'))
            ++m_at;
    }
    bool take(char wanted)
    {
        skipSpace();
        if (m_at == m_end || *m_at != wanted)
            return false;
        ++m_at;
        return true;
    }
    bool word(std::string_view& text)
    {
        if (!take('"'))
            return false;
        const char* begin = m_at;
        while (m_at != m_end && *m_at != '"' && *m_at != '\\')
            ++m_at;
        text = std::string_view(begin, static_cast<std::size_t>(m_at - begin));
        return take('"'); // not behind a backslash
    }
    bool number(double& value)
    {
        skipSpace();
        if (m_at != m_end && *m_at == '"') {
            std::string_view name;
            if (!word(name) || (name != "nan" && name != "inf" && name != "-inf"))
                return false;
            value = name == "nan" ? std::numeric_limits<double>::quiet_NaN()
                : name == "inf"   ? infinity
                                  : -infinity;
            return true;
        }
        const auto [end, code] = std::from_chars(m_at, m_end, value);
        m_at = end;
        return code == std::errc();
    }

    const char* m_at;
    const char* m_end;
};

/// What FlatLine does not take, by the rules of RunFolder::readMetrics().
void visitOther(std::string_view line, const MetricsVisitor& visit)
{
    const auto json = parseJson(line);
    if (!json || !json->is_object())
        return;
    const auto step = json->find("step");
    const std::int64_t at
        = step != json->end() && step->is_number_integer() ? step->get<std::int64_t>() : 0;
    for (const auto& [name, value] : json->items()) {
        if (value.is_number() && name != "step")
            visit(at, name, value.get<double>());
        else if (value == "nan")
            visit(at, name, std::numeric_limits<double>::quiet_NaN());
        else if (value == "inf" || value == "-inf")
            visit(at, name, value == "inf" ? infinity : -infinity);
    }
}

void visitLine(std::string_view line, Row& row, const MetricsVisitor& visit)
{
    if (!FlatLine(line).read(row))
        return visitOther(line, visit);
    for (const auto& [name, value] : row.values)
        visit(row.step, name, value);
}

} // namespace

Result<std::uint64_t> scanMetrics(const std::filesystem::path& file, const MetricsScan& scan,
    const std::stop_token& stop, const MetricsVisitor& visit)
{
    std::error_code missing;
    if (!std::filesystem::exists(file, missing))
        return scan.from;
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(systemError("The file cannot be opened", file, errno));
    stream.seekg(static_cast<std::streamoff>(scan.from));
    std::uint64_t read = scan.from; // whole lines up to here were visited
    std::string pending; // begins at `read`
    Row row;
    while (read - scan.from < scan.mostBytes) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading curves was stopped.");
        const std::size_t kept = pending.size();
        pending.resize(kept + blockBytes);
        stream.read(pending.data() + kept, static_cast<std::streamsize>(blockBytes));
        const auto got = static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0));
        pending.resize(kept + got);
        if (stream.bad())
            return fail(systemError("The file cannot be read", file, errno));
        const std::size_t lines = pending.rfind('\n') + 1; // 0 when there is none
        const std::string_view whole = std::string_view(pending).substr(0, lines);
        for (std::size_t at = 0; at < whole.size();) {
            if (!scan.onlyWith.empty()) {
                const std::size_t hit = whole.find(scan.onlyWith, at);
                if (hit == std::string_view::npos)
                    break;
                at = whole.rfind('\n', hit) + 1; // 0 on the first line
            }
            const std::size_t end = whole.find('\n', at);
            visitLine(whole.substr(at, end - at), row, visit);
            at = end + 1;
        }
        pending.erase(0, lines);
        read += lines;
        if (got == 0)
            break;
    }
    return read;
}

} // namespace clipscope::store
