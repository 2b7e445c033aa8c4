#include "app/studio/preferences.h"

namespace clipscope::studio {

namespace {

constexpr const char* reactionKey = "timeline/reaction-delays";

constexpr int mostRecent = 8;
const QString schemeNames[]
    = { QStringLiteral("auto"), QStringLiteral("light"), QStringLiteral("dark") };

/// A path cannot be a key: QSettings takes slashes as groups.
QString projectKey(const char* group, const QString& project)
{
    return QLatin1String(group)
        + QString::fromLatin1(project.toUtf8().toBase64(QByteArray::Base64UrlEncoding));
}

QString checkpointKey(const QString& project)
{
    return projectKey("checkpoints/", project);
}

QString annotationsKey(const QString& project, const QString& benchmark)
{
    return projectKey("annotations/", project) + QLatin1Char('/') + benchmark;
}

QString keyOfAction(const QString& actionId)
{
    return QStringLiteral("keys/") + actionId;
}

} // namespace

Preferences::Preferences(const QString& file)
    : m_settings(file.isEmpty() ? QSettings().fileName() : file, QSettings::IniFormat)
{
}

widgets::ColourScheme Preferences::colourScheme() const
{
    const QString name = get(keys::theme);
    for (int i = 0; i < 3; ++i)
        if (schemeNames[i] == name)
            return static_cast<widgets::ColourScheme>(i);
    return widgets::ColourScheme::Auto;
}

void Preferences::setColourScheme(widgets::ColourScheme scheme)
{
    set(keys::theme, schemeNames[static_cast<int>(scheme)]);
}

QString Preferences::checkpoint(const QString& project) const
{
    return m_settings.value(checkpointKey(project)).toString();
}

void Preferences::setCheckpoint(const QString& project, const QString& name)
{
    m_settings.setValue(checkpointKey(project), name);
}

QString Preferences::annotations(const QString& project, const QString& benchmark) const
{
    return m_settings.value(annotationsKey(project, benchmark)).toString();
}

void Preferences::setAnnotations(
    const QString& project, const QString& benchmark, const QString& path)
{
    m_settings.setValue(annotationsKey(project, benchmark), path);
}

std::optional<QKeySequence> Preferences::key(const QString& actionId) const
{
    const QVariant stored = m_settings.value(keyOfAction(actionId));
    if (!stored.isValid())
        return {};
    return QKeySequence::fromString(stored.toString(), QKeySequence::PortableText);
}

void Preferences::setKey(const QString& actionId, const std::optional<QKeySequence>& key)
{
    if (key)
        m_settings.setValue(keyOfAction(actionId), key->toString(QKeySequence::PortableText));
    else
        m_settings.remove(keyOfAction(actionId));
}

std::vector<double> Preferences::reactionDelays() const
{
    std::vector<double> delays;
    const QVariantList stored = m_settings.value(QLatin1String(reactionKey)).toList();
    for (const QVariant& delay : stored)
        delays.push_back(delay.toDouble());
    return delays;
}

void Preferences::setReactionDelays(const std::vector<double>& delays)
{
    m_settings.setValue(QLatin1String(reactionKey), QVariantList(delays.begin(), delays.end()));
}

void Preferences::rememberProject(const QString& folder)
{
    QStringList recent = get(keys::recentProjects);
    recent.removeAll(folder);
    recent.prepend(folder);
    while (recent.size() > mostRecent)
        recent.removeLast();
    set(keys::recentProjects, recent);
    set(keys::lastProject, folder);
}

} // namespace clipscope::studio
