#pragma once

#include "widgets/common/theme.h"

#include <QByteArray>
#include <QKeySequence>
#include <QSettings>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace clipscope::studio {

/// A typed key of the window's preferences.
template<typename T> struct PreferenceKey
{
    const char* name;
    T fallback;
};

namespace keys {
inline const PreferenceKey<QByteArray> geometry{ "window/geometry", {} };
inline const PreferenceKey<QString> lastProject{ "session/project", {} };
inline const PreferenceKey<QStringList> recentProjects{ "session/recent-projects", {} };
inline const PreferenceKey<QString> page{ "session/page", QStringLiteral("collection") };
inline const PreferenceKey<QString> query{ "session/query", {} };
inline const PreferenceKey<QStringList> recentQueries{ "session/recent-queries", {} };
inline const PreferenceKey<QStringList> pinnedQueries{ "session/pinned-queries", {} };
inline const PreferenceKey<QByteArray> pageState{ "session/pages", {} }; ///< JSON by page
inline const PreferenceKey<QString> theme{ "window/theme", QStringLiteral("auto") };
inline const PreferenceKey<double> volume{ "player/volume", 0.8 };
inline const PreferenceKey<int> jumpFrames{ "player/jump-frames", 10 };
} // namespace keys

/// What the user chose for the window, apart from any project.
/// Errors:  none; an unreadable file gives the fallbacks.
/// Threads: GUI thread only.
class Preferences final
{
public:
    /// The user's own file; `file` names another one (tests, screenshots).
    explicit Preferences(const QString& file = {});

    template<typename T> T get(const PreferenceKey<T>& key) const
    {
        const QVariant value = m_settings.value(QLatin1String(key.name));
        return value.canConvert<T>() && value.isValid() ? value.value<T>() : key.fallback;
    }
    template<typename T> void set(const PreferenceKey<T>& key, const T& value)
    {
        const QVariant fresh = QVariant::fromValue(value);
        if (m_settings.value(QLatin1String(key.name)) != fresh) // else the file is written anew
            m_settings.setValue(QLatin1String(key.name), fresh);
    }

    widgets::ColourScheme colourScheme() const;
    void setColourScheme(widgets::ColourScheme scheme);
    /// The checkpoint chosen for a project; empty when none was.
    QString checkpoint(const QString& project) const;
    void setCheckpoint(const QString& project, const QString& name);
    /// The file or folder of annotations last used for a benchmark; empty when none was.
    QString annotations(const QString& project, const QString& benchmark) const;
    void setAnnotations(const QString& project, const QString& benchmark, const QString& path);
    /// The key the user gave to an action; nothing where it is the action's own. Empty: no key.
    std::optional<QKeySequence> key(const QString& actionId) const;
    void setKey(const QString& actionId, const std::optional<QKeySequence>& key);
    /// Of labels::ReactionTime, oldest first.
    std::vector<double> reactionDelays() const;
    void setReactionDelays(const std::vector<double>& delays);
    /// Moves a project to the head of the recent ones.
    void rememberProject(const QString& folder);

private:
    QSettings m_settings;
};

} // namespace clipscope::studio
