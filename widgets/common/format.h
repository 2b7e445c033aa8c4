#pragma once

#include <QString>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace clipscope::widgets {

/// "0:04", "12:30", "1:02:03": where frames do not matter.
QString shortTime(double seconds);
/// How long something lasts, to the nearest second; what is shorter than one is "0:01".
QString shortDuration(double seconds);
/// "0:00:04.200": where frames matter.
QString preciseTime(double seconds);
/// "3 min left", "40 s left", "2 h 10 min left"; "" when not known (not finite or negative).
QString remainingTime(double seconds);
/// "1,234" by the user's locale.
QString count(std::int64_t value);
/// "1 video", "1,234 videos": the number with the word that fits it.
QString counted(std::int64_t value, const QString& one, const QString& many);
/// At most four significant digits: "0.0123", "12.35", "1.2e-05"; "-" when not finite.
QString figure(double value);

QString fromUtf8(std::string_view text);
std::string toUtf8(const QString& text);
QString fromPath(const std::filesystem::path& path);
std::filesystem::path toPath(const QString& text);

} // namespace clipscope::widgets
