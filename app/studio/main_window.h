#pragma once

#include "app/studio/page.h"
#include "app/studio/services.h"
#include "app/studio/shortcut_sheet.h"

#include <QMainWindow>
#include <QTimer>

#include <map>

class QButtonGroup;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace clipscope {
struct Error;
}
namespace clipscope::widgets {
class BannerArea;
} // namespace clipscope::widgets

namespace clipscope::studio {

class TopBar;
class WelcomePage;

/// The frame around the pages: rail, top bar, banners, jobs strip. Assembles, restores the last
/// session, owns the window's own actions.
/// Threads: GUI thread only.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(Services& services, QWidget* parent = nullptr);
    ~MainWindow() override;

    void showPage(PageId id);
    PageId currentPage() const { return m_current; }
    Page* page(PageId id) const;
    /// Puts a query into the box and runs it on the Search page.
    void runQuery(const QString& text);
    /// Geometry, page and query of the last session, and keeps them up to date from now on. The
    /// project is main()'s.
    void restoreSession();
    /// Nothing on the page at hand is still being loaded.
    bool isSettled() const;

    static QString nameOf(PageId id); ///< "collection", "search", ...
    static std::optional<PageId> pageOf(const QString& name);

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void buildFrame();
    void buildRail(QVBoxLayout& rail);
    void addPage(Page* page, QVBoxLayout& rail);
    std::vector<ActionRow> actionRows();
    void connectServices();
    void saveSession();
    void putPage(PageId id); ///< without remembering it for the next session
    void goToPage(PageId id); ///< as the user asks for it: the keys are for the page next
    void onProjectChanged();
    void showBannerFor(const Error& error);
    void toggleTheme();
    void showActions();

    Services& m_services;
    TopBar* m_topBar = nullptr;
    widgets::BannerArea* m_banners = nullptr;
    QStackedWidget* m_stack = nullptr;
    WelcomePage* m_welcome = nullptr;
    QButtonGroup* m_railButtons = nullptr;
    std::map<PageId, Page*> m_pages;
    std::map<PageId, QList<QAction*>> m_pageActions;
    PageId m_current = PageId::Collection;
    QTimer m_saving;
};

} // namespace clipscope::studio
