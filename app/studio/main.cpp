#include "app/studio/curves_probe.h"
#include "app/studio/main_window.h"
#include "app/studio/screenshot.h"
#include "app/studio/studio.h"
#include "app/studio/timeline_probe.h"
#include "app/studio/typing_probe.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>

#include <unistd.h>

using namespace clipscope;
using namespace clipscope::studio;

namespace {

struct Request
{
    QString project;
    bool create = false;
    QString picture; ///< empty: a window for people
    std::optional<PageId> page;
    QJsonObject state; ///< of that page
    QString query;
    std::optional<widgets::ColourScheme> theme;
    std::optional<QSize> size;
    bool timeStart = false; ///< say how long the window took to appear, and leave
    std::optional<QSize> curves; ///< measure frames with so many runs of so many points, and leave
    std::optional<QSize> timeline; ///< measure frames of so many segments and curves, and leave
    QString typed; ///< measure how fast the strip follows these words, and leave
};

void complain(const QString& text)
{
    std::fprintf(stderr, "clipscope: %s\n", qPrintable(text));
}

std::optional<Request> parse(const QApplication& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Find the second of your videos that shows what you type."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("project"),
        QStringLiteral("Project folder to open."), QStringLiteral("[PROJECT]"));
    const QCommandLineOption create(QStringLiteral("new"),
        QStringLiteral("Make the project FOLDER when it is not there."), QStringLiteral("FOLDER"));
    const QCommandLineOption picture(QStringLiteral("screenshot"),
        QStringLiteral(
            "Write a picture of the window to FILE once it shows everything, then leave."),
        QStringLiteral("FILE"));
    const QCommandLineOption page(QStringLiteral("page"),
        QStringLiteral(
            "Page to show: collection, search, timeline, training, clusters or evaluate."),
        QStringLiteral("NAME"));
    const QCommandLineOption state(QStringLiteral("page-state"),
        QStringLiteral("What the page shows, as it is kept between sessions: "
                       "'{\"run\": \"run-1\", \"tab\": \"batch\"}'."),
        QStringLiteral("JSON"));
    const QCommandLineOption query(
        QStringLiteral("query"), QStringLiteral("Words to search for."), QStringLiteral("TEXT"));
    const QCommandLineOption theme(
        QStringLiteral("theme"), QStringLiteral("dark or light."), QStringLiteral("NAME"));
    const QCommandLineOption size(QStringLiteral("size"),
        QStringLiteral("Size of the window, such as 1280x800."), QStringLiteral("WxH"));
    const QCommandLineOption timeStart(QStringLiteral("time-start"),
        QStringLiteral("Print the seconds from program start to the usable window, then leave."));
    const QCommandLineOption timeTyping(QStringLiteral("time-typing"),
        QStringLiteral("Type TEXT and print how many milliseconds the strip under the scrubber "
                       "took to follow each letter, then leave."),
        QStringLiteral("TEXT"));
    const QCommandLineOption timeCurves(QStringLiteral("time-curves"),
        QStringLiteral("Generate RUNS runs of POINTS points, print how many milliseconds a frame "
                       "with all their curves takes, then leave."),
        QStringLiteral("RUNSxPOINTS"));
    const QCommandLineOption timeTimeline(QStringLiteral("time-timeline"),
        QStringLiteral(
            "Generate three hours of film with SEGMENTS segments and CURVES curves, print "
            "how many milliseconds a frame of their timeline takes, then leave."),
        QStringLiteral("SEGMENTSxCURVES"));
    parser.addOptions({ create, picture, page, state, query, theme, size, timeStart, timeTyping,
        timeCurves, timeTimeline });
    parser.process(application);

    Request request;
    request.create = parser.isSet(create);
    request.project = request.create ? parser.value(create) : parser.positionalArguments().value(0);
    request.picture = parser.value(picture);
    request.state = QJsonDocument::fromJson(parser.value(state).toUtf8()).object();
    request.query = parser.value(query);
    request.timeStart = parser.isSet(timeStart);
    request.typed = parser.value(timeTyping);
    if (parser.isSet(page) && !(request.page = MainWindow::pageOf(parser.value(page)))) {
        complain(QStringLiteral("no page is called \"%1\".").arg(parser.value(page)));
        return {};
    }
    if (parser.isSet(theme))
        request.theme = parser.value(theme) == QLatin1String("light") ? widgets::ColourScheme::Light
                                                                      : widgets::ColourScheme::Dark;
    for (const auto& [option, wanted] :
        { std::pair(&size, &request.size), std::pair(&timeCurves, &request.curves),
            std::pair(&timeTimeline, &request.timeline) }) {
        if (!parser.isSet(*option))
            continue;
        const QStringList sides = parser.value(*option).split(QLatin1Char('x'));
        *wanted = QSize(sides.value(0).toInt(), sides.value(1).toInt());
        if ((*wanted)->isEmpty()) {
            complain(QStringLiteral("\"%1\" is not a size such as 1280x800.")
                         .arg(parser.value(*option)));
            return {};
        }
    }
    return request;
}

/// The same path for people and for pictures: open, show the page, run the query.
void begin(const Request& request, Studio& studio, MainWindow& window)
{
    QString project = request.project;
    if (request.curves)
        return; // the probe opens a project of its own
    if (project.isEmpty() && request.picture.isEmpty()) {
        project = studio.preferences.get(keys::lastProject);
        if (!QFileInfo::exists(project))
            return;
    }
    if (!request.query.isEmpty())
        QObject::connect(
            &studio.project, &ProjectSession::changed, &window,
            [&window, query = request.query] { window.runQuery(query); }, Qt::SingleShotConnection);
    if (request.create)
        studio.project.create(widgets::toPath(project));
    else if (!project.isEmpty())
        studio.project.open(widgets::toPath(project));
}

/// Seconds since the kernel started this process, loading of libraries included.
/// Source: proc(5), field 22 of stat and the first of uptime; hundredths of a second.
double secondsSinceStart()
{
    QFile stat(QStringLiteral("/proc/self/stat")), uptime(QStringLiteral("/proc/uptime"));
    if (!stat.open(QIODevice::ReadOnly) || !uptime.open(QIODevice::ReadOnly))
        return -1.0;
    const QByteArray all = stat.readAll();
    const QList<QByteArray> fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    const double started = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return uptime.readAll().split(' ').value(0).toDouble() - started;
}

/// Prints what a probe of curves finds, and leaves.
void measureCurves(CurvesProbe& probe, QApplication& application)
{
    if (!probe.problem().isEmpty()) {
        complain(probe.problem());
        QTimer::singleShot(0, &application, [] { QApplication::exit(exitCodeOf(ErrorKind::Io)); });
    }
    QObject::connect(&probe, &CurvesProbe::finished, &application, [&probe] {
        std::printf("%s", qPrintable(probe.report()));
        QApplication::exit(0);
    });
}

int measureTimeline(const Request& request)
{
    TimelineProbe probe(request.timeline->width(), request.timeline->height(),
        request.size.value_or(QSize(1280, 800)));
    QObject::connect(&probe, &TimelineProbe::finished, qApp, [](const QString& report) {
        std::printf("%s", qPrintable(report));
        QApplication::exit(0);
    });
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("Clipscope"));
    QApplication::setApplicationName(QStringLiteral("clipscope"));
    QApplication::setApplicationVersion(QStringLiteral(CLIPSCOPE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.clipscope.Clipscope"));
    const std::optional<Request> request = parse(application);
    if (!request)
        return exitCodeOf(ErrorKind::BadInput);

    const bool forPeople = request->picture.isEmpty();
    // A picture or measurement neither reads nor changes what the user has set up.
    const QTemporaryDir scratch;
    const bool own = !forPeople || request->curves;
    Studio studio(own ? Automation::Off : Automation::On,
        own ? scratch.filePath(QStringLiteral("preferences.ini")) : QString());
    widgets::applyTheme(application, request->theme.value_or(studio.preferences.colourScheme()));
    if (request->timeline)
        return measureTimeline(*request);
    MainWindow window(studio.services);
    if (forPeople)
        window.restoreSession();
    if (request->size)
        window.resize(*request->size);
    if (request->page) {
        window.showPage(*request->page);
        window.page(*request->page)->restoreState(request->state);
    }
    window.show();
    // Behind the first frame: the window is usable before anything is read.
    QTimer::singleShot(0, &window, [&] { begin(*request, studio, window); });
    if (request->timeStart)
        QTimer::singleShot(0, &window, [&window] {
            window.repaint(); // at once, whatever the platform has shown so far
            std::printf("%.2f\n", secondsSinceStart());
            QApplication::exit(0);
        });
    std::optional<CurvesProbe> curves;
    if (request->curves)
        measureCurves(curves.emplace(window, studio.project, request->curves->width(),
                          request->curves->height()),
            application);
    std::optional<TypingProbe> probe;
    if (!request->typed.isEmpty())
        QObject::connect(
            &studio.project, &ProjectSession::changed, &window,
            [&] {
                probe.emplace(window, *studio.model, request->typed);
                QObject::connect(&*probe, &TypingProbe::finished, &application, [&] {
                    std::vector<double> sorted = probe->milliseconds();
                    std::sort(sorted.begin(), sorted.end());
                    for (const double each : probe->milliseconds())
                        std::printf("%.1f ", each);
                    std::printf("\nmedian %.1f ms, worst %.1f ms of %zu letters\n",
                        sorted[sorted.size() / 2], sorted.back(), sorted.size());
                    QApplication::exit(0);
                });
            },
            Qt::SingleShotConnection);
    if (forPeople)
        return QApplication::exec();

    Screenshot screenshot(window, request->picture);
    QObject::connect(&screenshot, &Screenshot::finished, &application, [&](const Status& status) {
        if (!status)
            complain(widgets::fromUtf8(status.error().toString()));
        QApplication::exit(status ? 0 : exitCodeOf(status.error().kind));
    });
    return QApplication::exec();
}
