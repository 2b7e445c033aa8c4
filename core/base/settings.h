#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace clipscope {

enum class SettingLevel { Basic, Expert };
enum class SettingSource { Default, File, Environment, Flag };
/// Where the settings that are not left at their defaults came from, by key.
using SettingSources = std::map<std::string, SettingSource, std::less<>>;

/// One setting as everybody but the job sees it: text in, text out, checked.
struct Setting
{
    enum class Type { Integer, Real, Boolean, Text, Choice };
    std::string key; ///< dotted, lower-kebab: "train.batch-videos"
    Type type = Type::Text;
    std::string unit; ///< "" when it has none
    double low = 0.0, high = 0.0; ///< closed range of Integer and Real; low > high: unbounded
    std::vector<std::string> choices;
    SettingLevel level = SettingLevel::Basic;
    std::string help; ///< one sentence
    std::string defaultText;
    std::function<std::string()> get;
    std::function<Status(std::string_view)> set; ///< BadInput names key, value and range
};

/// The settings of one struct, made by its describe(). The struct must outlive the table.
/// Threads: one thread at a time.
class SettingsTable final
{
public:
    void add(Setting setting) { m_settings.push_back(std::move(setting)); }
    const std::vector<Setting>& all() const { return m_settings; }
    /// Errors: BadInput with the nearest known key as hint.
    Result<const Setting*> find(std::string_view key) const;
    /// Errors: BadInput (unknown key, value out of range, wrong type).
    Status set(
        std::string_view key, std::string_view value, SettingSource source = SettingSource::Flag);
    /// "KEY=VALUE". Errors: BadInput.
    Status setFromAssignment(std::string_view assignment);
    /// Reads a TOML file. Errors: NotFound, BadInput with line and, for unknown keys, the nearest.
    Status readToml(const std::filesystem::path& path);
    Status readTomlText(std::string_view text, const std::filesystem::path& name);
    /// CLIPSCOPE_TRAIN_BATCH_VIDEOS for train.batch-videos.
    Status readEnvironment();
    /// All settings resolved, in order, with the source of each as comment.
    std::string toToml() const { return toToml(m_sources); }
    std::string toToml(const SettingSources& sources) const;
    const SettingSources& sources() const { return m_sources; }
    /// Markdown table rows for docs/settings.md.
    std::string toMarkdown() const;

private:
    std::vector<Setting> m_settings;
    SettingSources m_sources;
};

/// Visitor given to a struct's `void describe(SettingsVisitor& v, Struct& s)`, which calls
/// `v.field("train.batch-videos", s.batchVideos, {1, 4096}, "videos", SettingLevel::Basic, "…");`
/// once for each field. Fields: std::int64_t, double, bool, std::string and enums (with names).
class SettingsVisitor final
{
public:
    struct Range
    {
        double low = 1.0, high = 0.0; ///< unbounded by default
    };
    explicit SettingsVisitor(SettingsTable& table)
        : m_table(table)
    {
    }

    void field(std::string key, std::int64_t& value, Range range, std::string unit,
        SettingLevel level, std::string help);
    void field(std::string key, double& value, Range range, std::string unit, SettingLevel level,
        std::string help);
    void field(std::string key, bool& value, SettingLevel level, std::string help);
    void field(std::string key, std::string& value, SettingLevel level, std::string help);

    /// `names[i]` is the word for the enumerator with value i.
    template<typename Enum>
    requires std::is_enum_v<Enum>
    void field(std::string key, Enum& value, std::vector<std::string> names, SettingLevel level,
        std::string help)
    {
        choice(
            std::move(key), std::move(names), [&value] { return static_cast<int>(value); },
            [&value](int index) { value = static_cast<Enum>(index); }, level, std::move(help));
    }

private:
    void choice(std::string key, std::vector<std::string> names, std::function<int()> get,
        std::function<void(int)> set, SettingLevel level, std::string help);
    SettingsTable& m_table;
};

/// The table of a settings struct with a describe() found by its type.
template<typename Struct> SettingsTable settingsTable(Struct& settings)
{
    SettingsTable table;
    SettingsVisitor visitor(table);
    describe(visitor, settings);
    return table;
}

} // namespace clipscope
