#pragma once

#include "base/settings.h"

#include <QHash>
#include <QWidget>

#include <memory>
#include <vector>

class QLabel;
class QLineEdit;
class QGridLayout;
class QToolButton;

namespace clipscope::widgets {

/// A word as a POSIX shell takes it: quoted only where it must be.
QString shellQuoted(const QString& word);

/// A form made from a settings table: basic fields first, expert folded, each with unit, range
/// and help; a value the table refuses is said under its field. At the bottom stands the command
/// line that does the same, with Copy.
/// Owns:    nothing; `table` must outlive the form. Accepted values are in the table at once.
/// Threads: GUI thread only.
class SettingsForm final : public QWidget
{
    Q_OBJECT

public:
    /// Width of the column of names, for fields that stand above the form.
    static constexpr int labelWidth = 150;
    /// `command` is the beginning of the command line: "clipscope-cli pretrain P".
    SettingsForm(SettingsTable& table, const QString& command, QWidget* parent = nullptr);
    ~SettingsForm() override;

    /// False while any field shows something the table refuses.
    bool isValid() const;
    /// What the form starts from, by key, in place of the defaults; keys that are not there keep
    /// theirs. What differs from it is marked and becomes an assignment.
    void setBaseline(const QHash<QString, QString>& values);
    /// "key=value" of every setting that is not at its baseline, in the table's order.
    QStringList assignments() const;
    QString commandLine() const;
    void setCommand(const QString& command);
    void setExpertVisible(bool visible);
    /// Only settings whose keys begin with `prefix` can be changed; the others show their values
    /// and, as their tool tip, `why`. An empty prefix: all.
    void setChangeable(const QString& prefix, const QString& why = {});
    /// Puts every field back to the baseline.
    void restoreBaseline();

Q_SIGNALS:
    void changed();

private:
    struct Field;
    QWidget* makeEditor(Field& field);
    void addField(const Setting& setting, QGridLayout& grid);
    void apply(Field& field, const QString& text);
    void refreshCommand();
    QString baselineOf(const Setting& setting) const;
    void mark(Field& field); ///< by whether it differs from the baseline

    SettingsTable& m_table;
    QString m_command;
    QHash<QString, QString> m_baseline;
    std::vector<std::unique_ptr<Field>> m_fields;
    QWidget* m_expert = nullptr;
    QToolButton* m_expertToggle = nullptr;
    QLineEdit* m_commandLine = nullptr;
};

} // namespace clipscope::widgets
