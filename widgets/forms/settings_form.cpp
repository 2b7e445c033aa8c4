#include "widgets/forms/settings_form.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::widgets {

namespace {

constexpr int editorWidth = 170;
constexpr int textWidth = 340; ///< of names and paths

/// "train.batch-videos" -> "Batch videos".
QString labelOf(const std::string& key)
{
    QString label = fromUtf8(key).section(QLatin1Char('.'), -1);
    label.replace(QLatin1Char('-'), QLatin1Char(' '));
    return label.isEmpty() ? label : label.at(0).toUpper() + label.mid(1);
}

QString rangeOf(const Setting& setting)
{
    QString unit = fromUtf8(setting.unit);
    const bool bounded = setting.low <= setting.high
        && (setting.type == Setting::Type::Integer || setting.type == Setting::Type::Real);
    if (!bounded)
        return unit;
    const auto number = [&setting](double value) {
        return setting.type == Setting::Type::Integer && std::abs(value) < 1e15
            ? count(static_cast<std::int64_t>(value))
            : QString::number(value, 'g', 6);
    };
    // Beyond this a bound says "no bound" and would only be noise.
    const QString range = setting.high >= 1e9
        ? SettingsForm::tr("from %1").arg(number(setting.low))
        : SettingsForm::tr("%1 to %2").arg(number(setting.low), number(setting.high));
    return unit.isEmpty() ? range : SettingsForm::tr("%1, %2").arg(unit, range);
}

QLabel* smallLabel(const QString& text, const QString& role, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setFont(typeface(TypeSize::Secondary));
    label->setProperty("role", role);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

} // namespace

QString shellQuoted(const QString& word)
{
    static const QString plain = QStringLiteral(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%");
    const bool safe = !word.isEmpty()
        && std::all_of(word.begin(), word.end(), [](QChar c) { return plain.contains(c); });
    if (safe)
        return word;
    QString inside = word;
    inside.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + inside + QLatin1Char('\'');
}

struct SettingsForm::Field
{
    const Setting* setting = nullptr;
    QLabel* problem = nullptr;
    bool valid = true;
    std::function<void(const QString&)> show; ///< writes a value into the editor
    QWidget* editor = nullptr;
    QLabel* label = nullptr;
};

SettingsForm::SettingsForm(SettingsTable& table, const QString& command, QWidget* parent)
    : QWidget(parent)
    , m_table(table)
    , m_command(command)
{
    setObjectName(QStringLiteral("settingsForm"));
    auto* basic = new QGridLayout;
    m_expert = new QWidget(this);
    auto* expert = new QGridLayout(m_expert);
    for (QGridLayout* grid : { basic, expert }) {
        grid->setContentsMargins(0, 0, 0, 0);
        grid->setHorizontalSpacing(space::m);
        grid->setVerticalSpacing(2);
        grid->setColumnMinimumWidth(0, labelWidth);
        grid->setColumnStretch(2, 1);
    }
    bool anyExpert = false;
    for (const Setting& setting : table.all()) {
        const bool isExpert = setting.level == SettingLevel::Expert;
        anyExpert = anyExpert || isExpert;
        addField(setting, isExpert ? *expert : *basic);
    }

    m_expertToggle = new QToolButton(this);
    m_expertToggle->setObjectName(QStringLiteral("expertToggle"));
    m_expertToggle->setText(tr("Expert settings"));
    m_expertToggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_expertToggle->setCheckable(true);
    m_expertToggle->setVisible(anyExpert);
    connect(m_expertToggle, &QToolButton::toggled, this, &SettingsForm::setExpertVisible);

    m_commandLine = new QLineEdit(this);
    m_commandLine->setObjectName(QStringLiteral("commandLine"));
    m_commandLine->setReadOnly(true);
    m_commandLine->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_commandLine->setAccessibleName(tr("Equivalent command line"));
    auto* copy = new QPushButton(tr("Copy"), this);
    copy->setObjectName(QStringLiteral("copyCommand"));
    connect(copy, &QPushButton::clicked, this,
        [this] { QApplication::clipboard()->setText(commandLine()); });
    auto* commandRow = new QHBoxLayout;
    commandRow->setSpacing(space::s);
    commandRow->addWidget(m_commandLine, 1);
    commandRow->addWidget(copy);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::s);
    column->addLayout(basic);
    column->addWidget(m_expertToggle, 0, Qt::AlignLeft);
    column->addWidget(m_expert);
    column->addSpacing(space::s);
    column->addWidget(
        smallLabel(tr("The same on the command line"), QStringLiteral("secondary"), this));
    column->addLayout(commandRow);
    setExpertVisible(false);
    refreshCommand();
}

SettingsForm::~SettingsForm() = default;

QWidget* SettingsForm::makeEditor(Field& field)
{
    const Setting& setting = *field.setting;
    const QString value = fromUtf8(setting.get());
    if (setting.type == Setting::Type::Boolean) {
        auto* box = new QCheckBox(tr("On"), this);
        field.show = [box](const QString& text) { box->setChecked(text == QLatin1String("true")); };
        field.show(value);
        connect(box, &QCheckBox::toggled, this, [this, &field](bool on) {
            apply(field, on ? QStringLiteral("true") : QStringLiteral("false"));
        });
        return box;
    }
    if (setting.type == Setting::Type::Choice) {
        auto* box = new QComboBox(this);
        for (const std::string& choice : setting.choices)
            box->addItem(fromUtf8(choice));
        field.show = [box](const QString& text) { box->setCurrentText(text); };
        field.show(value);
        connect(box, &QComboBox::currentTextChanged, this,
            [this, &field](const QString& text) { apply(field, text); });
        box->setFixedWidth(editorWidth);
        return box;
    }
    auto* line = new QLineEdit(value, this);
    if (setting.type == Setting::Type::Text)
        line->setFixedWidth(textWidth);
    else
        line->setFixedWidth(editorWidth);
    field.show = [line](const QString& text) { line->setText(text); };
    connect(line, &QLineEdit::textChanged, this,
        [this, &field](const QString& text) { apply(field, text); });
    return line;
}

void SettingsForm::addField(const Setting& setting, QGridLayout& grid)
{
    Field& field = *m_fields.emplace_back(std::make_unique<Field>());
    field.setting = &setting;
    const QString name = fromUtf8(setting.key), help = fromUtf8(setting.help);
    field.editor = makeEditor(field);
    field.editor->setObjectName(name);
    field.editor->setAccessibleName(labelOf(setting.key));
    field.editor->setAccessibleDescription(help);
    field.editor->setToolTip(name);
    auto* label = field.label = new QLabel(labelOf(setting.key), this);
    label->setToolTip(name);
    label->setBuddy(field.editor);
    field.problem = smallLabel({}, QStringLiteral("bad"), this);
    field.problem->hide();

    const int row = grid.rowCount();
    grid.addWidget(label, row, 0);
    const bool isText = setting.type == Setting::Type::Text; // has neither unit nor range
    grid.addWidget(field.editor, row, 1, 1, isText ? 2 : 1, Qt::AlignLeft);
    if (!isText)
        grid.addWidget(smallLabel(rangeOf(setting), QStringLiteral("secondary"), this), row, 2);
    grid.addWidget(field.problem, row + 1, 1, 1, 2);
    grid.addWidget(smallLabel(help, QStringLiteral("secondary"), this), row + 2, 1, 1, 2);
    grid.setRowMinimumHeight(row + 3, space::xs);
}

void SettingsForm::apply(Field& field, const QString& text)
{
    const Status status = m_table.set(field.setting->key, toUtf8(text.trimmed()));
    field.valid = status.has_value();
    field.problem->setVisible(!field.valid);
    if (!field.valid) {
        QString sentence = fromUtf8(status.error().message);
        if (!status.error().hint.empty())
            sentence += QLatin1Char(' ') + fromUtf8(status.error().hint);
        field.problem->setText(sentence);
    }
    mark(field);
    field.editor->setProperty("invalid", !field.valid);
    field.editor->style()->unpolish(field.editor);
    field.editor->style()->polish(field.editor);
    refreshCommand();
    Q_EMIT changed();
}

bool SettingsForm::isValid() const
{
    return std::all_of(m_fields.begin(), m_fields.end(), [](const auto& f) { return f->valid; });
}

QStringList SettingsForm::assignments() const
{
    QStringList result;
    for (const Setting& setting : m_table.all())
        if (const QString value = fromUtf8(setting.get()); value != baselineOf(setting))
            result += fromUtf8(setting.key) + QLatin1Char('=') + value;
    return result;
}

QString SettingsForm::baselineOf(const Setting& setting) const
{
    return m_baseline.value(fromUtf8(setting.key), fromUtf8(setting.defaultText));
}

void SettingsForm::setBaseline(const QHash<QString, QString>& values)
{
    m_baseline = values;
    for (const auto& field : m_fields)
        mark(*field);
    refreshCommand();
}

void SettingsForm::setChangeable(const QString& prefix, const QString& why)
{
    for (const auto& field : m_fields) {
        const QString key = fromUtf8(field->setting->key);
        const bool can = key.startsWith(prefix);
        field->editor->setEnabled(can);
        field->editor->setToolTip(can ? key : why);
    }
}

void SettingsForm::mark(Field& field)
{
    const Setting& setting = *field.setting;
    const QString from = baselineOf(setting);
    const bool changed = !m_baseline.isEmpty() && fromUtf8(setting.get()) != from;
    field.label->setFont(typeface(TypeSize::Base, changed));
    field.label->setText((changed ? QStringLiteral("\u2022 ") : QString()) + labelOf(setting.key));
    const QString name = fromUtf8(setting.key);
    field.label->setToolTip(changed ? tr("%1, was %2").arg(name, from) : name);
    field.editor->setProperty("changed", changed);
}

QString SettingsForm::commandLine() const
{
    QString line = m_command;
    const QStringList changed = assignments();
    for (const QString& assignment : changed)
        line += QStringLiteral(" --set ") + shellQuoted(assignment);
    return line;
}

void SettingsForm::setCommand(const QString& command)
{
    m_command = command;
    refreshCommand();
}

void SettingsForm::setExpertVisible(bool visible)
{
    m_expert->setVisible(visible);
    m_expertToggle->setChecked(visible);
    m_expertToggle->setIcon(icon(visible ? Icon::ChevronDown : Icon::ChevronRight));
}

void SettingsForm::restoreBaseline()
{
    for (const auto& field : m_fields)
        field->show(baselineOf(*field->setting));
}

void SettingsForm::refreshCommand()
{
    if (!m_commandLine)
        return;
    m_commandLine->setText(commandLine());
    m_commandLine->setCursorPosition(0);
}

} // namespace clipscope::widgets
