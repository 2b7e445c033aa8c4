#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace clipscope::cli {

/// What a verb leaves behind.
struct Answer
{
    Json json; ///< the one object printed with --json
    std::string text; ///< the same for people; may have several lines
    bool incomplete = false; ///< some items were skipped: exit code 1
};

enum class Need { Required, Optional };

/// Declares what a verb takes on the command line. References must live as long as the Verb.
class Arguments final
{
public:
    explicit Arguments(CLI::App& command, std::string verb);
    ~Arguments();

    /// Positional arguments, in the order of the calls. `name` is what --help shows ("PROJECT").
    void positional(std::string name, std::filesystem::path& value, std::string help,
        Need need = Need::Required);
    void positional(
        std::string name, std::string& value, std::string help, Need need = Need::Required);
    /// Takes all that remain.
    void positionals(std::string name, std::vector<std::filesystem::path>& values, std::string help,
        Need need = Need::Required);
    void positionals(std::string name, std::vector<std::string>& values, std::string help,
        Need need = Need::Required);

    /// Options that are not settings: "--captions" FILE, may be repeated for the list.
    void option(std::string flag, std::filesystem::path& value, std::string help);
    void option(std::string flag, std::string& value, std::string help);
    void option(std::string flag, std::vector<std::filesystem::path>& values, std::string help);
    void option(std::string flag, std::vector<std::string>& values, std::string help);
    void flag(std::string flag, bool& value, std::string help);

    /// Every setting becomes a flag: "search.top" is --top of the verb `search` and
    /// --search.top elsewhere; adds --config FILE and --set KEY=VALUE. Resolved before run() in
    /// the order default, file, environment, flags, --set; where each came from is written to
    /// `sources`.
    template<typename Struct> void settings(Struct& values, SettingSources* sources = nullptr)
    {
        useTable(settingsTable(values), sources);
    }

    /// Sets all settings from what was parsed. Errors: as SettingsTable.
    Status resolve();
    /// Every flag the verb knows, for suggestions.
    std::vector<std::string> knownFlags() const;

private:
    struct Impl;
    void useTable(SettingsTable table, SettingSources* sources);
    std::unique_ptr<Impl> m_impl;
};

/// One subcommand. main() makes it, lets it declare its arguments, parses, runs it once.
class Verb
{
public:
    virtual ~Verb() = default;
    virtual std::string name() const = 0; ///< "make-starter"
    virtual std::string help() const = 0; ///< one sentence
    virtual void declare(Arguments& arguments) = 0;
    /// Prints nothing; long ones poll context.stop and report progress.
    virtual Result<Answer> run(const JobContext& context) = 0;
};

using Verbs = std::vector<std::unique_ptr<Verb>>;

/// One function per verbs_<area>.cpp.
void addProjectVerbs(Verbs& verbs); ///< init, import, info
void addSearchVerbs(Verbs& verbs); ///< make-starter, extract, features, index, search
void addSegmentVerbs(Verbs& verbs); ///< segment
void addEvaluateVerbs(Verbs& verbs); ///< evaluate
void addTrainVerbs(Verbs& verbs); ///< clusters, pretrain, runs
void addWeightsVerbs(Verbs& verbs); ///< import-weights
void addCollectionVerbs(Verbs& verbs); ///< make-collection
void addBenchVerbs(Verbs& verbs); ///< bench
void addLabelVerbs(Verbs& verbs); ///< labels

} // namespace clipscope::cli
