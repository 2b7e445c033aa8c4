#include "app/studio/pages/timeline/label_set_bar.h"

#include "app/studio/pages/timeline/segmenter_form.h"
#include "app/studio/pages/timeline/timeline_desk.h"
#include "base/files.h"
#include "labels/label_set_file.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QToolButton>
#include <QWidgetAction>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr std::size_t largestSetBytes = 64U << 20U;

} // namespace

LabelSetBar::LabelSetBar(TimelineDesk& desk, QWidget* parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_sets(new QComboBox(this))
    , m_setMenu(menuButton(QStringLiteral("labelSetMenu"), this))
    , m_options(menuButton(QStringLiteral("segmenterOptions"), this))
    , m_label(new QToolButton(this))
    , m_threshold(new QLabel(this))
    , m_templates(new QLineEdit(this))
    , m_rule(new SegmenterForm(this))
{
    m_sets->setObjectName(QStringLiteral("labelSets"));
    m_sets->setAccessibleName(tr("Label set"));
    m_sets->setMinimumWidth(140);
    m_sets->setPlaceholderText(tr("No label set"));
    m_setMenu->setText(tr("Sets"));
    m_setMenu->setToolTip(tr("New, import, export, rename or delete label sets"));
    fillSetMenu();
    m_options->setText(tr("Rule"));
    m_options->setToolTip(tr("How the model's scores become segments"));
    auto* action = new QWidgetAction(m_options);
    action->setDefaultWidget(m_rule);
    buildRule();
    m_options->menu()->addAction(action);
    m_label->setObjectName(QStringLiteral("labelWithModel"));
    m_label->setText(tr("Label"));
    m_label->setToolTip(tr("Label this video with the model and keep the result (Ctrl+R)"));
    connect(m_label, &QToolButton::clicked, &desk, &TimelineDesk::labelWithModel);
    m_threshold->setProperty("role", QStringLiteral("secondary"));
    m_threshold->setFont(typeface(TypeSize::Secondary));

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::s);
    for (QWidget* each : std::initializer_list<QWidget*>{ m_sets, m_setMenu, m_options, m_label })
        row->addWidget(each);
    row->addWidget(m_threshold);

    connect(m_sets, &QComboBox::activated, this,
        [this] { m_desk.chooseLabelSet(toUtf8(m_sets->currentText())); });
    connect(&desk.shelf(), &LabelSetShelf::changed, this, &LabelSetBar::showSets);
    connect(&desk, &TimelineDesk::labelSetChanged, this, &LabelSetBar::showSets);
    connect(&desk, &TimelineDesk::labelled, this, &LabelSetBar::showModel);
    connect(&desk, &TimelineDesk::optionsChanged, m_rule,
        [this] { m_rule->showOptions(m_desk.options()); });
    showSets();
}

void LabelSetBar::buildRule()
{
    m_templates->setObjectName(QStringLiteral("labelTemplates"));
    m_templates->setPlaceholderText(tr("a video of {} | {}"));
    m_templates->setToolTip(tr("Each wording takes the place of {}; several are averaged"));
    m_templates->setAccessibleName(tr("Templates of the label set"));
    connect(m_templates, &QLineEdit::editingFinished, this, &LabelSetBar::takeTemplates);
    m_rule->addFirstRow(tr("Templates"), m_templates);
    connect(m_rule, &SegmenterForm::optionsChosen, &m_desk, &TimelineDesk::setOptions);
}

void LabelSetBar::takeTemplates()
{
    labels::LabelSet set = m_desk.labelSet();
    set.templates.clear();
    const QStringList parts = m_templates->text().split(QLatin1Char('|'), Qt::SkipEmptyParts);
    for (const QString& part : parts)
        if (!part.trimmed().isEmpty())
            set.templates.push_back(toUtf8(part.trimmed()));
    if (!set.name.empty() && set != m_desk.labelSet())
        m_desk.editLabelSet(set);
}

void LabelSetBar::fillSetMenu()
{
    QMenu* menu = m_setMenu->menu();
    menu->addAction(tr("New Label Set..."), this, &LabelSetBar::newSet);
    menu->addAction(tr("Import Label Set..."), this, &LabelSetBar::importSet);
    menu->addSeparator();
    QAction* exporting = menu->addAction(tr("Export Label Set..."), this, &LabelSetBar::exportSet);
    QAction* renaming = menu->addAction(tr("Rename Label Set..."), this, &LabelSetBar::renameSet);
    QAction* removing = menu->addAction(tr("Delete Label Set..."), this, &LabelSetBar::removeSet);
    connect(menu, &QMenu::aboutToShow, this, [this, exporting, renaming, removing] {
        for (QAction* action : { exporting, renaming, removing })
            action->setEnabled(!m_desk.labelSet().name.empty());
    });
}

void LabelSetBar::showSets()
{
    const QSignalBlocker quiet(m_sets);
    m_sets->clear();
    for (const labels::LabelSet& set : m_desk.shelf().sets())
        m_sets->addItem(fromUtf8(set.name));
    m_sets->setCurrentIndex(m_sets->findText(fromUtf8(m_desk.labelSet().name)));
    m_label->setEnabled(!m_desk.labelSet().labels.empty());
    QStringList templates;
    for (const std::string& each : m_desk.labelSet().templates)
        templates += fromUtf8(each);
    m_templates->setText(templates.join(QStringLiteral(" | ")));
}

void LabelSetBar::showModel()
{
    const std::optional<LabelReply>& reply = m_desk.reply();
    if (!reply) {
        m_threshold->clear();
        return;
    }
    m_rule->showAutomaticThreshold(reply->threshold);
    m_threshold->setText(tr("threshold %1").arg(figure(reply->threshold)));
    m_threshold->setToolTip(tr("%1 segments, labelled in %2 ms")
                                .arg(reply->segments.size())
                                .arg(reply->milliseconds, 0, 'f', 0)
        + (reply->notes.isEmpty() ? QString()
                                  : QStringLiteral("\n") + reply->notes.join(QLatin1Char('\n'))));
}

QString LabelSetBar::askName(const QString& title, const QString& proposal)
{
    bool chosen = false;
    QString name
        = QInputDialog::getText(this, title, tr("Name"), QLineEdit::Normal, proposal, &chosen)
              .trimmed();
    if (!chosen || name.isEmpty())
        return {};
    if (!m_desk.shelf().free(toUtf8(name))) {
        Q_EMIT m_desk.refused(tr("There is already a label set %1.").arg(name));
        return {};
    }
    return name;
}

void LabelSetBar::newSet()
{
    const QString name = askName(tr("New Label Set"), tr("labels"));
    if (name.isEmpty())
        return;
    labels::LabelSet set;
    set.name = toUtf8(name);
    m_desk.shelf().put(set);
    m_desk.chooseLabelSet(set.name);
}

Result<std::optional<std::string>> LabelSetBar::askTask(
    const std::string& content, const std::filesystem::path& path, labels::SetFormat format)
{
    CLIP_TRY_ASSIGN(const auto tasks, labels::taskNamesIn(content, path, format));
    if (tasks.size() < 2)
        return std::string();
    const QString all = tr("All tasks, with their steps below them");
    QStringList names;
    if (format != labels::SetFormat::CrossTask) // whose tasks share steps
        names += all;
    for (const std::string& name : tasks)
        names += fromUtf8(name);
    bool chosen = false;
    const QString name
        = QInputDialog::getItem(this, tr("Import Label Set"), tr("Task"), names, 0, true, &chosen);
    if (!chosen)
        return std::nullopt;
    return name == all ? std::string() : toUtf8(name);
}

void LabelSetBar::importSet()
{
    const QString file = QFileDialog::getOpenFileName(this, tr("Import Label Set"), {},
        tr("Label sets (*.json *.txt *.csv *.tsv);;All files (*)"));
    if (file.isEmpty())
        return;
    const std::filesystem::path path = toPath(file);
    const auto content = readFile(path, largestSetBytes);
    if (!content) {
        Q_EMIT m_desk.failed(content.error());
        return;
    }
    const labels::SetFormat format = labels::guessSetFormat(path, *content);
    const auto task = askTask(*content, path, format);
    if (!task) {
        Q_EMIT m_desk.failed(task.error());
        return;
    }
    if (!*task)
        return;
    auto read = labels::parseLabelSet(*content, path, format, { **task, {} });
    if (!read) {
        Q_EMIT m_desk.failed(read.error());
        return;
    }
    if (!m_desk.shelf().free(read->set.name)) {
        const QString name = askName(tr("Import Label Set"), fromUtf8(read->set.name));
        if (name.isEmpty())
            return;
        read->set.name = toUtf8(name);
    }
    m_desk.shelf().put(read->set);
    m_desk.chooseLabelSet(read->set.name);
}

void LabelSetBar::exportSet()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Export Label Set"),
        fromUtf8(m_desk.labelSet().name) + QStringLiteral(".json"), tr("Label sets (*.json)"));
    if (file.isEmpty())
        return;
    if (const Status written = labels::writeLabelSet(toPath(file), m_desk.labelSet()); !written)
        Q_EMIT m_desk.failed(written.error());
}

void LabelSetBar::renameSet()
{
    const QString name = askName(tr("Rename Label Set"), fromUtf8(m_desk.labelSet().name));
    if (name.isEmpty())
        return;
    m_desk.shelf().rename(m_desk.labelSet().name, toUtf8(name));
    m_desk.chooseLabelSet(toUtf8(name));
}

void LabelSetBar::removeSet()
{
    const QString name = fromUtf8(m_desk.labelSet().name);
    const auto answer = QMessageBox::question(this, tr("Delete Label Set"),
        tr("Delete the label set %1? Segments keep their labels.").arg(name));
    if (answer == QMessageBox::Yes)
        m_desk.shelf().remove(toUtf8(name));
}

} // namespace clipscope::studio
