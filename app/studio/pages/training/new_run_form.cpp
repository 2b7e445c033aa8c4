#include "app/studio/pages/training/new_run_form.h"

#include "jobs/pretrain.h"
#include "widgets/common/theme.h"
#include "widgets/forms/settings_form.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int formWidth = 760;
constexpr int nameWidth = 240;

} // namespace

struct NewRunForm::Values
{
    jobs::PretrainSettings settings;
    SettingsTable table = settingsTable(settings);
};

NewRunForm::NewRunForm(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(tr("New run"), this))
    , m_hint(new QLabel(this))
    , m_fromLabel(new QLabel(tr("Begin with"), this))
    , m_name(new QLineEdit(this))
    , m_nameProblem(new QLabel(this))
    , m_from(new QComboBox(this))
    , m_values(std::make_unique<Values>())
    , m_form(new SettingsForm(m_values->table, {}, this))
    , m_start(new QPushButton(tr("Start Run"), this))
{
    setObjectName(QStringLiteral("newRunForm"));
    m_title->setFont(typeface(TypeSize::Section, true));
    m_title->setTextFormat(Qt::PlainText);
    m_hint->setObjectName(QStringLiteral("forkHint"));
    m_hint->setProperty("role", QStringLiteral("secondary"));
    m_hint->setWordWrap(true);
    m_hint->hide();
    auto* cancel = new QPushButton(tr("Cancel"), this);
    auto* defaults = new QPushButton(tr("Undo Changes"), this);
    defaults->setProperty("flat", true);
    m_start->setObjectName(QStringLiteral("startRun"));
    m_start->setProperty("primary", true);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    buttons->addWidget(m_start);
    buttons->addWidget(cancel);
    buttons->addStretch(1);
    buttons->addWidget(defaults);

    auto* content = new QWidget(this);
    content->setMaximumWidth(formWidth);
    auto* inside = new QVBoxLayout(content);
    inside->setContentsMargins(space::l, space::m, space::l, space::l);
    inside->setSpacing(space::m);
    inside->addWidget(m_title);
    inside->addWidget(m_hint);
    inside->addLayout(buildHead());
    inside->addWidget(m_form);
    inside->addStretch(1);
    auto* area = m_area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidget(content);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(space::l, space::s, space::l, space::m);
    foot->addLayout(buttons);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(area, 1);
    column->addLayout(foot);

    connect(m_form, &SettingsForm::changed, this, &NewRunForm::refresh);
    connect(m_start, &QPushButton::clicked, this, [this] { Q_EMIT startRequested(arguments()); });
    connect(cancel, &QPushButton::clicked, this, &NewRunForm::cancelled);
    connect(defaults, &QPushButton::clicked, m_form, &SettingsForm::restoreBaseline);
}

NewRunForm::~NewRunForm()
{
    delete m_form; // before the table it shows
}

QGridLayout* NewRunForm::buildHead()
{
    m_name->setObjectName(QStringLiteral("runName"));
    m_name->setAccessibleName(tr("Name of the run"));
    m_name->setPlaceholderText(tr("the next free run-N"));
    m_name->setFixedWidth(nameWidth);
    setFocusProxy(m_name);
    m_nameProblem->setProperty("role", QStringLiteral("bad"));
    m_nameProblem->setFont(typeface(TypeSize::Secondary));
    m_nameProblem->hide();
    m_from->setObjectName(QStringLiteral("runFrom"));
    m_from->setAccessibleName(tr("Begin with"));
    m_from->setFixedWidth(nameWidth);
    m_from->setToolTip(
        tr("A checkpoint brings its own shape: the model settings below count only from scratch."));
    setBeginnings({});
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(space::m);
    grid->setVerticalSpacing(space::xs);
    auto* name = new QLabel(tr("Name"), this);
    name->setBuddy(m_name);
    m_fromLabel->setBuddy(m_from);
    grid->addWidget(name, 0, 0);
    grid->addWidget(m_name, 0, 1);
    grid->addWidget(m_nameProblem, 0, 2);
    grid->addWidget(m_fromLabel, 1, 0);
    grid->addWidget(m_from, 1, 1);
    grid->setColumnMinimumWidth(0, SettingsForm::labelWidth);
    grid->setColumnStretch(2, 1);
    connect(m_name, &QLineEdit::textChanged, this, &NewRunForm::refresh);
    connect(m_from, &QComboBox::currentIndexChanged, this, &NewRunForm::refresh);
    connect(m_from, &QComboBox::activated, this, [this](int index) {
        if (index == m_from->count() - 1)
            chooseFile();
    });
    return grid;
}

void NewRunForm::setProject(const QString& folder)
{
    m_project = folder;
    beginNew();
    m_name->clear();
    setBeginnings({});
    refresh();
}

void NewRunForm::setBeginnings(const QList<Beginning>& beginnings)
{
    const QString chosen = m_from->currentData().toString();
    m_from->clear();
    m_from->addItem(tr("Nothing: from scratch"), QString());
    for (const Beginning& beginning : beginnings)
        m_from->addItem(beginning.title, beginning.name);
    m_from->addItem(tr("A file..."), QString());
    m_from->setCurrentIndex(std::max(0, m_from->findData(chosen)));
}

void NewRunForm::beginNew()
{
    if (m_forked.isEmpty())
        return;
    m_forked.clear();
    m_name->clear();
    m_title->setText(tr("New run"));
    m_hint->hide();
    m_fromLabel->show();
    m_from->show();
    m_form->setChangeable({});
    m_form->setBaseline({});
    m_form->restoreBaseline();
    m_area->verticalScrollBar()->setValue(0);
    refresh();
}

void NewRunForm::beginFork(const QString& run, const std::vector<RunSetting>& settings)
{
    m_forked = run;
    int number = 1;
    const auto name = [&] { return QStringLiteral("%1-fork-%2").arg(run).arg(number); };
    while (m_runs.contains(name()))
        ++number;
    m_name->setText(name());
    m_title->setText(tr("Fork of %1").arg(run));
    m_hint->setText(tr("It shares the past of %1 up to the last checkpoint and goes on with what "
                       "is changed here; settings that were changed are marked.")
                        .arg(run));
    m_hint->show();
    m_fromLabel->hide();
    m_from->hide();
    QHash<QString, QString> values;
    for (const RunSetting& setting : settings)
        values[setting.key] = setting.value;
    m_form->setChangeable(
        QStringLiteral("train."), tr("Data and model of a fork are those of its checkpoint."));
    m_form->setBaseline(values);
    m_form->restoreBaseline();
    m_area->verticalScrollBar()->setValue(0);
    refresh();
}

void NewRunForm::chooseFile()
{
    m_from->setCurrentIndex(0); // until there is one
    auto* dialog = new QFileDialog(
        this, tr("Checkpoint to Begin With"), {}, tr("Checkpoints (*.safetensors)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        m_from->insertItem(m_from->count() - 1, QFileInfo(file).fileName(), file);
        m_from->setCurrentIndex(m_from->count() - 2);
    });
    dialog->open();
}

void NewRunForm::setRuns(const QStringList& names)
{
    m_runs = names;
    refresh();
}

void NewRunForm::refresh()
{
    const QString name = m_name->text().trimmed();
    const QString problem = m_runs.contains(name) ? tr("There is already a run of this name.")
        : name.contains(QLatin1Char('/')) || name == QLatin1String(".")
            || name == QLatin1String("..")
        ? tr("A name cannot be a path.")
        : QString();
    m_nameProblem->setText(problem);
    m_nameProblem->setVisible(!problem.isEmpty());
    QString command = QStringLiteral("clipscope-cli ") + verb();
    for (const QString& word : ownArguments())
        command += QLatin1Char(' ') + shellQuoted(word);
    m_form->setCommand(command);
    const bool named = m_forked.isEmpty() || !name.isEmpty();
    const bool usable = m_form->isValid() && problem.isEmpty() && named;
    m_start->setEnabled(usable);
    m_start->setToolTip(usable ? QString() : tr("Some settings above cannot be used as they are."));
}

QString NewRunForm::verb() const
{
    return m_forked.isEmpty() ? QStringLiteral("pretrain") : QStringLiteral("runs");
}

QStringList NewRunForm::ownArguments() const
{
    QStringList words{ m_project };
    if (!m_forked.isEmpty())
        words = { QStringLiteral("fork"), m_project, m_forked };
    if (const QString name = m_name->text().trimmed(); !name.isEmpty())
        words << QStringLiteral("--run") << name;
    const QString from = m_from->currentData().toString();
    if (m_forked.isEmpty() && !from.isEmpty())
        words << QStringLiteral("--from") << from;
    return words;
}

QStringList NewRunForm::arguments() const
{
    QStringList words = ownArguments();
    const QStringList changed = m_form->assignments();
    for (const QString& assignment : changed)
        words << QStringLiteral("--set") << assignment;
    return words;
}

} // namespace clipscope::studio
