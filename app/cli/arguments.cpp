#include "app/cli/verb.h"

#include "base/files.h"

#include <deque>
#include <optional>

#include <CLI/CLI.hpp>

namespace clipscope::cli {

struct Arguments::Impl
{
    CLI::App& command;
    std::string verb;
    std::optional<SettingsTable> table;
    std::vector<std::pair<std::string, std::string>> given; // setting key and value, as parsed
    std::vector<std::string> assignments; // of --set
    std::string configFile;
    SettingSources* sources = nullptr; ///< where the caller wants them

    /// The flag of a setting: its group is left out when it is named after the verb.
    std::string flagOf(const std::string& key) const
    {
        return key.starts_with(verb + ".") ? "--" + key.substr(verb.size() + 1) : "--" + key;
    }

    void addPositional(std::string name, std::string help, Need need, bool many,
        std::function<void(const std::vector<std::string>&)> take)
    {
        CLI::Option* option = command.add_option(
            std::move(name),
            [take](const CLI::results_t& texts) {
                take(texts);
                return true;
            },
            std::move(help));
        option->required(need == Need::Required);
        option->type_name("");
        if (many)
            option->expected(need == Need::Required ? 1 : 0, CLI::detail::expected_max_vector_size)
                ->allow_extra_args();
        else
            option->expected(1);
    }

    void addSetting(const Setting& setting)
    {
        const std::string flag = flagOf(setting.key);
        CLI::Option* option = nullptr;
        std::string help = setting.help;
        if (setting.type == Setting::Type::Boolean) {
            option = command.add_flag_callback(
                flag, [this, key = setting.key] { given.emplace_back(key, "true"); }, help);
            command
                .add_flag_callback(
                    "--no-" + flag.substr(2),
                    [this, key = setting.key] { given.emplace_back(key, "false"); },
                    "Turns " + flag + " off.")
                ->group(""); // known, not listed
        } else {
            option = command.add_option_function<std::string>(
                flag,
                [this, key = setting.key](
                    const std::string& value) { given.emplace_back(key, value); },
                help);
        }
        option->description(help + " [" + (setting.unit.empty() ? "" : setting.unit + ", ")
            + "default: " + (setting.defaultText.empty() ? "none" : setting.defaultText) + "]");
        option->type_name(typeName(setting));
        option->group(setting.level == SettingLevel::Basic ? "Settings" : "Expert settings");
    }

    static std::string typeName(const Setting& setting)
    {
        std::string choices;
        switch (setting.type) {
        case Setting::Type::Integer:
            return "N";
        case Setting::Type::Real:
            return "NUMBER";
        case Setting::Type::Boolean:
            return "";
        case Setting::Type::Text:
            return "TEXT";
        case Setting::Type::Choice:
            for (const std::string& choice : setting.choices)
                choices += (choices.empty() ? "" : "|") + choice;
            return choices;
        }
        return "";
    }
};

Arguments::Arguments(CLI::App& command, std::string verb)
    : m_impl(new Impl{ command, std::move(verb), {}, {}, {}, {} })
{
}
Arguments::~Arguments() = default;

void Arguments::positional(
    std::string name, std::filesystem::path& value, std::string help, Need need)
{
    m_impl->addPositional(std::move(name), std::move(help), need, false,
        [&value](const auto& texts) { value = pathFromUtf8(texts.front()); });
}

void Arguments::positional(std::string name, std::string& value, std::string help, Need need)
{
    m_impl->addPositional(std::move(name), std::move(help), need, false,
        [&value](const auto& texts) { value = texts.front(); });
}

void Arguments::positionals(
    std::string name, std::vector<std::filesystem::path>& values, std::string help, Need need)
{
    m_impl->addPositional(
        std::move(name), std::move(help), need, true, [&values](const auto& texts) {
            for (const std::string& text : texts)
                values.push_back(pathFromUtf8(text));
        });
}

void Arguments::positionals(
    std::string name, std::vector<std::string>& values, std::string help, Need need)
{
    m_impl->addPositional(std::move(name), std::move(help), need, true,
        [&values](const auto& texts) { values.assign(texts.begin(), texts.end()); });
}

void Arguments::option(std::string flag, std::filesystem::path& value, std::string help)
{
    m_impl->command
        .add_option_function<std::string>(
            std::move(flag), [&value](const std::string& text) { value = pathFromUtf8(text); },
            std::move(help))
        ->type_name("PATH");
}

void Arguments::option(std::string flag, std::string& value, std::string help)
{
    m_impl->command
        .add_option_function<std::string>(
            std::move(flag), [&value](const std::string& text) { value = text; }, std::move(help))
        ->type_name("TEXT");
}

void Arguments::option(std::string flag, std::vector<std::string>& values, std::string help)
{
    m_impl->command.add_option(std::move(flag), values, std::move(help))->type_name("TEXT");
}

void Arguments::option(
    std::string flag, std::vector<std::filesystem::path>& values, std::string help)
{
    m_impl->command
        .add_option_function<std::vector<std::string>>(
            std::move(flag),
            [&values](const std::vector<std::string>& texts) {
                for (const std::string& text : texts)
                    values.push_back(pathFromUtf8(text));
            },
            std::move(help))
        ->type_name("FILE")
        ->allow_extra_args(false); // one for each time it is written
}

void Arguments::flag(std::string flag, bool& value, std::string help)
{
    m_impl->command.add_flag_callback(
        std::move(flag), [&value] { value = true; }, std::move(help));
}

void Arguments::useTable(SettingsTable table, SettingSources* sources)
{
    m_impl->table = std::move(table);
    m_impl->sources = sources;
    for (const Setting& setting : m_impl->table->all())
        m_impl->addSetting(setting);
    m_impl->command.add_option("--config", m_impl->configFile, "TOML file with settings.")
        ->type_name("FILE");
    m_impl->command
        .add_option(
            "--set", m_impl->assignments, "Sets any setting by its full key; may be repeated.")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
}

Status Arguments::resolve()
{
    if (!m_impl->table)
        return {};
    if (!m_impl->configFile.empty())
        CLIP_TRY(m_impl->table->readToml(pathFromUtf8(m_impl->configFile)));
    CLIP_TRY(m_impl->table->readEnvironment());
    for (const auto& [key, value] : m_impl->given)
        CLIP_TRY(m_impl->table->set(key, value, SettingSource::Flag));
    for (const std::string& assignment : m_impl->assignments)
        CLIP_TRY(m_impl->table->setFromAssignment(assignment));
    if (m_impl->sources != nullptr)
        *m_impl->sources = m_impl->table->sources();
    return {};
}

std::vector<std::string> Arguments::knownFlags() const
{
    std::vector<std::string> flags;
    for (const CLI::Option* option : m_impl->command.get_options())
        for (const std::string& name : option->get_lnames())
            flags.push_back("--" + name);
    return flags;
}

} // namespace clipscope::cli
