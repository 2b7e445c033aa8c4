#include "base/settings.h"

#include "base/edit_distance.h"
#include "base/files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace clipscope {

namespace {

std::string formatReal(double value)
{
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
    return { buffer, end.ptr };
}

std::string tomlString(std::string_view text)
{
    std::ostringstream out;
    out << toml::value<std::string>(std::string(text));
    return out.str();
}

template<typename Number> std::optional<Number> parseNumber(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

Status badValue(const std::string& key, std::string_view value, const std::string& expected)
{
    return fail(ErrorKind::BadInput,
        "The setting " + key + " cannot be '" + std::string(value) + "': " + expected + ".");
}

std::string rangeText(const std::string& kind, SettingsVisitor::Range range)
{
    if (range.low > range.high)
        return "it takes " + kind;
    return "it takes " + kind + " from " + formatReal(range.low) + " to " + formatReal(range.high);
}

bool inRange(double value, SettingsVisitor::Range range)
{
    return range.low > range.high || (value >= range.low && value <= range.high);
}

std::string_view sourceName(SettingSource source)
{
    switch (source) {
    case SettingSource::Default:
        return "default";
    case SettingSource::File:
        return "file";
    case SettingSource::Environment:
        return "environment";
    case SettingSource::Flag:
        return "flag";
    }
    return "default";
}

std::string joined(const std::vector<std::string>& words, std::string_view separator)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : std::string(separator)) + word;
    return text;
}

/// Calls `visit(dotted key, value node)` for every leaf of a TOML table.
template<typename Visit>
Status forEachLeaf(const toml::table& table, const std::string& prefix, Visit&& visit)
{
    for (const auto& [key, node] : table) {
        const std::string name
            = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
        if (const toml::table* inner = node.as_table())
            CLIP_TRY(forEachLeaf(*inner, name, visit));
        else
            CLIP_TRY(visit(name, node));
    }
    return {};
}

std::optional<std::string> leafText(const toml::node& node)
{
    if (const auto text = node.value_exact<std::string>())
        return text;
    if (const auto flag = node.value_exact<bool>())
        return *flag ? "true" : "false";
    if (const auto integer = node.value_exact<std::int64_t>())
        return std::to_string(*integer);
    if (const auto real = node.value_exact<double>())
        return formatReal(*real);
    return std::nullopt;
}

} // namespace

Result<const Setting*> SettingsTable::find(std::string_view key) const
{
    for (const Setting& setting : m_settings)
        if (setting.key == key)
            return &setting;
    const auto nearest = std::min_element(
        m_settings.begin(), m_settings.end(), [key](const Setting& a, const Setting& b) {
            return editDistance(a.key, key) < editDistance(b.key, key);
        });
    return fail(ErrorKind::BadInput, "There is no setting '" + std::string(key) + "'.", {},
        nearest == m_settings.end() ? "" : "Did you mean '" + nearest->key + "'?");
}

Status SettingsTable::set(std::string_view key, std::string_view value, SettingSource source)
{
    CLIP_TRY_ASSIGN(const Setting* setting, find(key));
    CLIP_TRY(setting->set(value));
    m_sources.insert_or_assign(setting->key, source);
    return {};
}

Status SettingsTable::setFromAssignment(std::string_view assignment)
{
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos)
        return fail(
            ErrorKind::BadInput, "'" + std::string(assignment) + "' is not of the form key=value.");
    return set(assignment.substr(0, equals), assignment.substr(equals + 1), SettingSource::Flag);
}

Status SettingsTable::readToml(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string text, readFile(path));
    return readTomlText(text, path);
}

Status SettingsTable::readTomlText(std::string_view text, const std::filesystem::path& name)
{
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const auto& begin = parsed.error().source().begin;
        return fail(ErrorKind::BadInput,
            "The settings file is broken: " + std::string(parsed.error().description()) + ".",
            { name,
                "line " + std::to_string(begin.line) + ", column "
                    + std::to_string(begin.column) });
    }
    return forEachLeaf(
        parsed.table(), "", [&](const std::string& key, const toml::node& node) -> Status {
            const Place place{ name, "line " + std::to_string(node.source().begin.line) };
            const auto value = leafText(node);
            if (!value)
                return fail(ErrorKind::BadInput,
                    "The setting " + key + " cannot be a list or a date.", place);
            Status status = set(key, *value, SettingSource::File);
            if (!status)
                status.error().place = place;
            return status;
        });
}

Status SettingsTable::readEnvironment()
{
    for (const Setting& setting : m_settings) {
        std::string name = "CLIPSCOPE_" + setting.key;
        for (char& c : name)
            c = c == '.' || c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        if (const char* value = std::getenv(name.c_str())) {
            Status status = set(setting.key, value, SettingSource::Environment);
            if (!status)
                return std::move(status).withContext(
                    "while reading the environment variable " + name);
        }
    }
    return {};
}

std::string SettingsTable::toToml(const SettingSources& sources) const
{
    std::string text;
    for (const Setting& setting : m_settings) {
        const auto source = sources.find(setting.key);
        const bool bare
            = setting.type != Setting::Type::Text && setting.type != Setting::Type::Choice;
        text += setting.key + " = " + (bare ? setting.get() : tomlString(setting.get())) + " # "
            + std::string(
                sourceName(source == sources.end() ? SettingSource::Default : source->second))
            + "\n";
    }
    return text;
}

std::string SettingsTable::toMarkdown() const
{
    std::string text
        = "| key | default | values | unit | what it does |\n| --- | --- | --- | --- | --- |\n";
    for (const Setting& setting : m_settings) {
        std::string values;
        if (setting.type == Setting::Type::Choice)
            values = joined(setting.choices, ", ");
        else if (setting.type == Setting::Type::Boolean)
            values = "true, false";
        else if (setting.low <= setting.high)
            values = formatReal(setting.low) + " to " + formatReal(setting.high);
        text += "| `" + setting.key + "` | "
            + (setting.defaultText.empty() ? "" : "`" + setting.defaultText + "`") + " | " + values
            + " | " + setting.unit + " | " + setting.help
            + (setting.level == SettingLevel::Expert ? " (expert)" : "") + " |\n";
    }
    return text;
}

void SettingsVisitor::field(std::string key, std::int64_t& value, Range range, std::string unit,
    SettingLevel level, std::string help)
{
    auto set = [key, &value, range](std::string_view text) -> Status {
        const auto number = parseNumber<std::int64_t>(text);
        if (!number || !inRange(static_cast<double>(*number), range))
            return badValue(key, text, rangeText("a whole number", range));
        value = *number;
        return {};
    };
    m_table.add({ std::move(key), Setting::Type::Integer, std::move(unit), range.low, range.high,
        {}, level, std::move(help), std::to_string(value),
        [&value] { return std::to_string(value); }, std::move(set) });
}

void SettingsVisitor::field(std::string key, double& value, Range range, std::string unit,
    SettingLevel level, std::string help)
{
    auto set = [key, &value, range](std::string_view text) -> Status {
        const auto number = parseNumber<double>(text);
        if (!number || !std::isfinite(*number) || !inRange(*number, range))
            return badValue(key, text, rangeText("a number", range));
        value = *number;
        return {};
    };
    m_table.add({ std::move(key), Setting::Type::Real, std::move(unit), range.low, range.high, {},
        level, std::move(help), formatReal(value), [&value] { return formatReal(value); },
        std::move(set) });
}

void SettingsVisitor::field(std::string key, bool& value, SettingLevel level, std::string help)
{
    auto set = [key, &value](std::string_view text) -> Status {
        if (text != "true" && text != "false")
            return badValue(key, text, "it takes true or false");
        value = text == "true";
        return {};
    };
    auto get = [&value] { return std::string(value ? "true" : "false"); };
    m_table.add({ std::move(key), Setting::Type::Boolean, {}, 1.0, 0.0, {}, level, std::move(help),
        get(), get, std::move(set) });
}

void SettingsVisitor::field(
    std::string key, std::string& value, SettingLevel level, std::string help)
{
    auto set = [&value](std::string_view text) -> Status {
        value = std::string(text);
        return {};
    };
    m_table.add({ std::move(key), Setting::Type::Text, {}, 1.0, 0.0, {}, level, std::move(help),
        value, [&value] { return value; }, std::move(set) });
}

void SettingsVisitor::choice(std::string key, std::vector<std::string> names,
    std::function<int()> get, std::function<void(int)> set, SettingLevel level, std::string help)
{
    auto getText = [names, get] { return names[static_cast<std::size_t>(get())]; };
    auto setText = [key, names, set](std::string_view text) -> Status {
        const auto found = std::find(names.begin(), names.end(), text);
        if (found == names.end())
            return badValue(key, text, "it takes one of " + joined(names, ", "));
        set(static_cast<int>(found - names.begin()));
        return {};
    };
    std::string defaultText = getText();
    m_table.add({ std::move(key), Setting::Type::Choice, {}, 1.0, 0.0, std::move(names), level,
        std::move(help), std::move(defaultText), std::move(getText), std::move(setText) });
}

} // namespace clipscope
