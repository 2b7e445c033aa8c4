#include "app/studio/pages/timeline/label_exchange.h"

#include "app/studio/pages/timeline/timeline_desk.h"
#include "app/studio/project_session.h"
#include "base/files.h"
#include "jobs/labelled_video.h"
#include "store/project.h"
#include "widgets/common/format.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr std::size_t beginningBytes = 4096;

} // namespace

LabelExchange::LabelExchange(const ProjectSession& project, TimelineDesk& desk, QWidget* window)
    : QObject(window)
    , m_project(project)
    , m_desk(desk)
    , m_window(window)
    , m_import(this)
    , m_export(this)
{
}

QString LabelExchange::titleOf(labels::Format format)
{
    switch (format) {
    case labels::Format::Eaf:
        return tr("ELAN (EAF)");
    case labels::Format::Vtt:
        return tr("WebVTT");
    case labels::Format::Srt:
        return tr("SubRip (SRT)");
    case labels::Format::Csv:
        return tr("Table (CSV or TSV)");
    case labels::Format::ActivityNet:
        return tr("ActivityNet (JSON)");
    case labels::Format::Frames:
        return tr("One Label per Frame (MS-TCN)");
    case labels::Format::TextGrid:
        return tr("Praat (TextGrid)");
    case labels::Format::Boris:
        return tr("BORIS (TSV)");
    case labels::Format::LabelStudio:
        return tr("Label Studio (JSON)");
    case labels::Format::FiftyOne:
        return tr("FiftyOne (JSON)");
    default:
        return tr("CVAT for Video (XML)");
    }
}

void LabelExchange::askImport()
{
    if (!m_desk.film())
        return;
    const QString file = QFileDialog::getOpenFileName(m_window, tr("Import Labels"), {},
        tr("Labels (*.eaf *.vtt *.srt *.csv *.tsv *.txt *.json *.TextGrid *.xml);;All files (*)"));
    if (file.isEmpty())
        return;
    QFile source(file);
    const QByteArray beginning
        = source.open(QIODevice::ReadOnly) ? source.read(beginningBytes) : QByteArray();
    const auto format = labels::guessFormat(
        toPath(file), { beginning.constData(), static_cast<std::size_t>(beginning.size()) });
    if (!format) {
        Q_EMIT m_desk.failed(
            { ErrorKind::Unsupported, "No known format of labels.", { toPath(file), {} }, {},
                "Known are EAF, VTT, SRT, CSV, TextGrid and JSON of several tools." });
        return;
    }
    importFile(file, *format);
}

void LabelExchange::importFile(const QString& file, labels::Format format)
{
    if (!m_desk.film())
        return;
    labels::ReadOptions options;
    options.clock = jobs::clockOf(m_desk.film()->index);
    options.video = utf8(m_desk.film()->record.path);
    for (const labels::Label& label : m_desk.labelSet().labels)
        options.knownLabels.push_back(label.name);
    m_import.run(
        [path = toPath(file), format, options = std::move(options)](
            const std::stop_token&) -> Result<Imported> {
            CLIP_TRY_ASSIGN(auto labels, labels::readLabels(path, format, options));
            return Imported{ std::move(labels), fromPath(path.filename()) };
        },
        [this](Result<Imported> imported) { takeImported(std::move(imported)); });
}

void LabelExchange::takeImported(Result<Imported> imported)
{
    if (!imported) {
        Q_EMIT m_desk.failed(imported.error());
        return;
    }
    const labels::LabelFile& file = imported->file;
    int tiers = 0, segments = 0;
    const labels::VideoLabels& video = file.videos.front();
    for (const labels::Tier& tier : video.annotation.tiers) {
        m_desk.takeTier(tier);
        ++tiers;
        segments += static_cast<int>(tier.segments.size());
    }
    for (const labels::LabelSet& set : file.labelSets)
        if (m_desk.shelf().free(set.name))
            m_desk.shelf().put(set);
    if (!video.kept.empty())
        m_desk.session().keep(labels::nameOf(file.format), video.kept);
    if (!file.problems.empty())
        Q_EMIT m_desk.failed(file.problems.front());
    QString sentence = tr("%1 with %2 from %3")
                           .arg(counted(tiers, tr("tier"), tr("tiers")),
                               counted(segments, tr("segment"), tr("segments")), imported->name);
    if (!file.problems.empty())
        sentence += tr("; %1 left out")
                        .arg(counted(static_cast<std::int64_t>(file.problems.size()), tr("segment"),
                            tr("segments")));
    for (const std::string& note : file.notes)
        sentence += QStringLiteral(". ") + fromUtf8(note);
    Q_EMIT done(sentence);
}

void LabelExchange::askExport(labels::Format format)
{
    if (!m_desk.film())
        return;
    const QString extension = fromUtf8(labels::extensionOf(format));
    const QString proposal = QFileInfo(m_desk.film()->title()).completeBaseName() + extension;
    const QString file
        = QFileDialog::getSaveFileName(m_window, tr("Export Labels: %1").arg(titleOf(format)),
            proposal, tr("%1 (*%2);;All files (*)").arg(titleOf(format), extension));
    if (!file.isEmpty())
        exportFile(file, format);
}

void LabelExchange::exportFile(const QString& file, labels::Format format)
{
    const TimelineFilm* film = m_desk.film();
    if (!film)
        return;
    labels::ExportInfo info;
    info.version = toUtf8(QCoreApplication::applicationVersion());
    info.videoPath = film->record.path;
    info.originSeconds = film->index->originSeconds();
    info.clock = jobs::clockOf(film->index);
    for (const labels::Tier& tier : m_desk.shown()->tiers)
        if (const labels::LabelSet* set = m_desk.shelf().find(tier.labelSet); set
            && std::ranges::find(info.labelSets, set->name, &labels::LabelSet::name)
                == info.labelSets.end())
            info.labelSets.push_back(*set);
    labels::Annotation annotation = *m_desk.shown();
    // One tier is all a file of frames can hold: the one that is edited.
    if (const labels::Tier* hand = m_desk.handTier(); hand && format == labels::Format::Frames)
        annotation.tiers = { *hand };
    m_export.run(
        [path = toPath(file), format, annotation = std::move(annotation), info = std::move(info),
            project = m_project.folder(), hash = film->record.contentHash](
            const std::stop_token&) mutable -> Result<labels::WrittenLabels> {
            CLIP_TRY_ASSIGN(const store::LabelStore stored,
                store::LabelStore::open(project, store::Access::ReadOnly));
            CLIP_TRY_ASSIGN(info.kept, stored.kept(hash, labels::nameOf(format)));
            return labels::writeLabels(path, format, annotation, info);
        },
        [this, name = QFileInfo(file).fileName()](Result<labels::WrittenLabels> written) {
            if (!written) {
                Q_EMIT m_desk.failed(written.error());
                return;
            }
            QString sentence = tr("Exported to %1").arg(name);
            for (const std::string& note : written->notes)
                sentence += QStringLiteral(". ") + fromUtf8(note);
            Q_EMIT done(sentence);
        });
}

} // namespace clipscope::studio
