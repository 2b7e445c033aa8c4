#include "widgets/common/format.h"

#include "base/files.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("format", text);
}

} // namespace

QString shortTime(double seconds)
{
    const auto whole
        = static_cast<std::int64_t>(std::isfinite(seconds) ? std::max(seconds, 0.0) : 0);
    const QLatin1Char zero('0');
    const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60;
    if (hours > 0)
        return QStringLiteral("%1:%2:%3")
            .arg(hours)
            .arg(minutes, 2, 10, zero)
            .arg(whole % 60, 2, 10, zero);
    return QStringLiteral("%1:%2").arg(minutes).arg(whole % 60, 2, 10, zero);
}

QString shortDuration(double seconds)
{
    return shortTime(seconds > 0.0 ? std::max(std::round(seconds), 1.0) : seconds);
}

QString preciseTime(double seconds)
{
    const std::int64_t ms
        = std::isfinite(seconds) ? std::max<std::int64_t>(std::llround(seconds * 1000.0), 0) : 0;
    const QLatin1Char zero('0');
    return QStringLiteral("%1:%2:%3.%4")
        .arg(ms / 3600000)
        .arg(ms / 60000 % 60, 2, 10, zero)
        .arg(ms / 1000 % 60, 2, 10, zero)
        .arg(ms % 1000, 3, 10, zero);
}

QString remainingTime(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0.0)
        return {};
    const std::int64_t whole = std::llround(std::ceil(seconds));
    if (whole < 60)
        return tr("%1 s left").arg(whole);
    const std::int64_t minutes = (whole + 30) / 60;
    if (minutes < 60)
        return tr("%1 min left").arg(minutes);
    return tr("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
}

QString count(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

QString counted(std::int64_t value, const QString& one, const QString& many)
{
    return QStringLiteral("%1 %2").arg(count(value), value == 1 ? one : many);
}

QString figure(double value)
{
    return std::isfinite(value) ? QString::number(value, 'g', 4) : QStringLiteral("-");
}

QString fromUtf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::string toUtf8(const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    return std::string(bytes.constData(), static_cast<std::size_t>(bytes.size()));
}

QString fromPath(const std::filesystem::path& path)
{
    return fromUtf8(clipscope::utf8(path));
}

std::filesystem::path toPath(const QString& text)
{
    return pathFromUtf8(toUtf8(text));
}

} // namespace clipscope::widgets
