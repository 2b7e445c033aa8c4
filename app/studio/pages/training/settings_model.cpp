#include "app/studio/pages/training/settings_model.h"

#include "jobs/pretrain.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHash>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

QString sourceText(const QString& source)
{
    if (source == QLatin1String("file"))
        return SettingsModel::tr("settings file");
    if (source == QLatin1String("environment"))
        return SettingsModel::tr("environment");
    if (source == QLatin1String("flag"))
        return SettingsModel::tr("set for this run");
    return source == QLatin1String("default") ? SettingsModel::tr("default") : QString();
}

/// Key -> what the setting means, with its unit; from the table that the form and the command line
/// are made of.
const QHash<QString, QString>& helps()
{
    static const QHash<QString, QString> all = [] {
        QHash<QString, QString> found;
        jobs::PretrainSettings settings;
        const SettingsTable table = settingsTable(settings);
        for (const Setting& setting : table.all())
            found[fromUtf8(setting.key)] = fromUtf8(setting.help);
        return found;
    }();
    return all;
}

} // namespace

SettingsModel::Run defaultSettings()
{
    SettingsModel::Run run{ SettingsModel::tr("Defaults"), {} };
    jobs::PretrainSettings settings;
    RunSetting setting;
    const QString text = fromUtf8(settingsTable(settings).toToml());
    for (const QString& line : text.split(QLatin1Char('\n')))
        if (parseSetting(line, setting))
            run.settings.push_back(setting);
    return run;
}

SettingsModel::SettingsModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void SettingsModel::setRuns(std::vector<Run> runs, bool onlyDifferences)
{
    if (runs == m_runs && onlyDifferences == m_onlyDifferences)
        return;
    beginResetModel();
    m_runs = std::move(runs);
    m_onlyDifferences = onlyDifferences;
    m_rows.clear();
    for (std::size_t r = 0; r < m_runs.size(); ++r)
        for (const RunSetting& setting : m_runs[r].settings) {
            auto row = std::find_if(m_rows.begin(), m_rows.end(),
                [&setting](const Row& each) { return each.key == setting.key; });
            if (row == m_rows.end())
                row = m_rows.insert(row,
                    { setting.key, std::vector<QString>(m_runs.size()), sourceText(setting.source),
                        setting.isDefault() });
            row->values[r] = setting.value;
        }
    if (m_onlyDifferences)
        std::erase_if(m_rows, [](const Row& row) {
            return std::all_of(row.values.begin(), row.values.end(),
                [&row](const QString& value) { return value == row.values.front(); });
        });
    endResetModel();
}

QString SettingsModel::keyOf(int row) const
{
    return m_rows[static_cast<std::size_t>(row)].key;
}

int SettingsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SettingsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 1 + static_cast<int>(m_runs.size()) + (hasSources() ? 1 : 0);
}

QVariant SettingsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const auto run = static_cast<std::size_t>(index.column() - 1);
    if (role == Qt::DisplayRole) {
        if (index.column() == 0)
            return row.key;
        if (run < m_runs.size())
            return row.values[run].isNull() ? tr("not there") : row.values[run];
        return row.source;
    }
    if (role == Qt::ToolTipRole)
        return helps().value(row.key);
    // What somebody chose stands out from what is as always.
    if (role == Qt::FontRole)
        return typeface(TypeSize::Base, hasSources() && index.column() > 0 && !row.isDefault);
    return {};
}

QVariant SettingsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("Setting");
    if (section <= static_cast<int>(m_runs.size()))
        return hasSources() ? tr("Value") : m_runs[static_cast<std::size_t>(section - 1)].title;
    return tr("From");
}

} // namespace clipscope::studio
