#include "app/studio/pages/training/new_run_form.h"

#include "jobs/pretrain.h"
#include "widgets/common/theme.h"
#include "widgets/forms/settings_form.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int formWidth = 760;

} // namespace

struct NewRunForm::Values
{
    jobs::PretrainSettings settings;
    SettingsTable table = settingsTable(settings);
};

NewRunForm::NewRunForm(QWidget* parent)
    : QWidget(parent)
    , m_values(std::make_unique<Values>())
    , m_form(new SettingsForm(m_values->table, {}, this))
    , m_start(new QPushButton(tr("Start Run"), this))
{
    setObjectName(QStringLiteral("newRunForm"));
    auto* title = new QLabel(tr("New run"), this);
    title->setFont(typeface(TypeSize::Section, true));
    auto* cancel = new QPushButton(tr("Cancel"), this);
    auto* defaults = new QPushButton(tr("Restore Defaults"), this);
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
    inside->addWidget(title);
    inside->addWidget(m_form);
    inside->addStretch(1);
    auto* area = new QScrollArea(this);
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

    connect(m_form, &SettingsForm::changed, this, [this] {
        m_start->setEnabled(m_form->isValid());
        m_start->setToolTip(
            m_form->isValid() ? QString() : tr("Some settings above cannot be used as they are."));
    });
    connect(m_start, &QPushButton::clicked, this, [this] { Q_EMIT startRequested(arguments()); });
    connect(cancel, &QPushButton::clicked, this, &NewRunForm::cancelled);
    connect(defaults, &QPushButton::clicked, m_form, &SettingsForm::restoreDefaults);
}

NewRunForm::~NewRunForm()
{
    delete m_form; // before the table it shows
}

void NewRunForm::setProject(const QString& folder)
{
    m_form->setCommand(QStringLiteral("clipscope-cli pretrain ") + widgets::shellQuoted(folder));
}

QStringList NewRunForm::arguments() const
{
    QStringList words;
    const QStringList changed = m_form->assignments();
    for (const QString& assignment : changed)
        words << QStringLiteral("--set") << assignment;
    return words;
}

} // namespace clipscope::studio
