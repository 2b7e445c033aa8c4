#include "app/studio/pages/training/run_details.h"

#include "base/files.h"
#include "store/run_folder.h"
#include "widgets/common/format.h"

#include <QRegularExpression>

#include <fstream>

namespace clipscope::studio {

using widgets::fromUtf8;

namespace {

constexpr std::size_t mostBytes = 256U << 10U;

/// The beginning of a file that another process may still be writing.
QString beginningOf(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::string text(mostBytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    return fromUtf8(text);
}

} // namespace

bool parseSetting(const QString& line, RunSetting& setting)
{
    static const QRegularExpression form(
        QStringLiteral("^([a-z][a-z0-9.-]*) = (.*?)(?: # (default|file|environment|flag))?$"));
    const QRegularExpressionMatch match = form.match(line);
    if (!match.hasMatch())
        return false;
    setting.key = match.captured(1);
    setting.value = match.captured(2);
    setting.source = match.captured(3);
    const QChar quote = setting.value.isEmpty() ? QChar() : setting.value.front();
    if (setting.value.size() >= 2 && (quote == QLatin1Char('\'') || quote == QLatin1Char('"'))
        && setting.value.endsWith(quote))
        setting.value = setting.value.mid(1, setting.value.size() - 2);
    return true;
}

Result<RunDetails> readRunDetails(const std::filesystem::path& runFolder)
{
    CLIP_TRY_ASSIGN(const auto run, store::RunFolder::open(runFolder));
    RunDetails details;
    RunSetting setting;
    for (const QString& line : beginningOf(run.configFile()).split(QLatin1Char('\n')))
        if (parseSetting(line, setting))
            details.settings.push_back(setting);
    // A line of the log is "TIME LEVEL text".
    for (const QString& line : beginningOf(run.logFile()).split(QLatin1Char('\n')))
        if (line.section(QLatin1Char(' '), 1, 1) == QLatin1String("warning"))
            details.warnings += line.section(QLatin1Char(' '), 2);
    details.warnings.removeDuplicates();
    return details;
}

} // namespace clipscope::studio
