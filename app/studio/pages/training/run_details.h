#pragma once

#include "base/result.h"

#include <QString>
#include <QStringList>

#include <filesystem>
#include <vector>

namespace clipscope::studio {

/// One setting of a run, as its config.toml has it.
struct RunSetting
{
    QString key; ///< "train.batch-videos"
    QString value;
    QString source; ///< "default", "file", "environment" or "flag"; empty when it does not say
    bool isDefault() const { return source == QLatin1String("default"); }

    bool operator==(const RunSetting&) const = default;
};

/// What a run folder holds besides state and curves.
struct RunDetails
{
    std::vector<RunSetting> settings; ///< in the order of the file
    QStringList warnings; ///< of its log, each text once

    bool operator==(const RunDetails&) const = default;
};

/// Reads both files; one that is not there yet is empty.
/// Errors:  Io.
/// Threads: any thread at once. Cost: the first 256 kB of the log.
Result<RunDetails> readRunDetails(const std::filesystem::path& runFolder);

/// A line "key = value # source" of a config.toml; false for every other line.
bool parseSetting(const QString& line, RunSetting& setting);

} // namespace clipscope::studio
