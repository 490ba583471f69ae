package imports

import (
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

// recognise finds our columns of a kind under the names that the file gives
// them.
func (t *table) recognise(kind string) {
	if len(t.place) == 0 {
		return
	}
	for _, h := range append(slices.Clone(ownHeadings), headingsOf[kind]...) {
		if h.name == "followers" && !t.ownForm() {
			h.titles = h.titles[:7] // subscribers of YouTube's files are those that came
		}
		t.find(h)
	}
	switch kind {
	case event.Posts.Name:
		t.recognisePosts()
	case event.Followers.Name:
		if !t.has("followers") && t.titled("total followers") && !t.gained() {
			t.find(heading{"followers", []string{"total followers"}})
		}
	}
	t.owner()
}

// find gives a heading's column its name.
func (t *table) find(h heading) {
	if _, ok := t.place[h.name]; ok {
		return
	}
	for _, title := range h.titles {
		if i := slices.IndexFunc(t.plain, func(p string) bool { return p == title }); i >= 0 {
			t.place[h.name] = i
			t.twice[h.name] = slices.Index(t.plain[i+1:], title) >= 0
			return
		}
	}
}

// titled says that a column has that title.
func (t *table) titled(titles ...string) bool {
	return slices.ContainsFunc(titles, func(title string) bool { return slices.Contains(t.plain, title) })
}

// ownForm says that the file names networks and accounts, as ours do.
func (t *table) ownForm() bool {
	_, network := t.place["network"]
	_, account := t.place["account"]
	return network && account
}

// gained says that "Total followers" are those who came that day: LinkedIn's
// file of new followers has them beside the organic ones.
func (t *table) gained() bool {
	return t.titled("organic followers", "abonnés organiques", "organische follower") && !t.titled("new followers", "nouveaux abonnés", "neue follower")
}

func (t *table) recognisePosts() {
	if _, known := t.place["published"]; !known {
		t.find(heading{"published", []string{"time", "heure", "zeit"}}) // X's, before 2024
	} else if t.titled("video link", "lien de la vidéo", "lien vers la vidéo", "videolink", "link zum video") {
		t.find(heading{"date", []string{"time", "heure", "zeit"}}) // TikTok's: when it was saved
	}
	if t.youtube() {
		t.find(heading{"post", []string{"content", "contenu", "videos", "inhalte", "inhalt", "vidéos", "video"}})
	}
	if _, dated := t.place["published"]; !dated {
		return
	}
	if i, ok := t.place["date"]; ok && t.content() { // Meta's says "Lifetime", or has a line for each day
		delete(t.place, "date")
		t.apart = append(t.apart, i)
	}
	if t.content() {
		t.zone = pacific
		if t.titled("publish time") {
			t.order = MonthFirst // as all that were seen
		}
	}
}

// content says that the file is one of Meta's content.
func (t *table) content() bool {
	return t.has("post") && t.has("published") && t.titled("publish time", "heure de publication", "veröffentlichungszeit", "veröffentlichungszeitpunkt", "veröffentlicht am")
}

// youtube says that the file is one of YouTube's of videos.
func (t *table) youtube() bool {
	return t.titled("video publish time", "heure de publication de la vidéo", "veröffentlichungszeitpunkt des videos")
}

// owner finds the network, and the account where it is told, that the whole file
// is about, where no column names them.
func (t *table) owner() {
	networks, accounts := map[string]bool{}, map[string]bool{}
	if _, ok := t.place["url"]; ok {
		for _, r := range t.records {
			host, path := hostAndPath(t.cell(r, "url"))
			if network := networkOf[host]; network != "" {
				networks[network] = true
				name, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
				if name != "" && name != "i" && (network == "x" || network == "tiktok") {
					accounts[strings.ToLower(strings.TrimPrefix(name, "@"))] = true
				}
			}
		}
	}
	switch {
	case t.youtube():
		t.auto("network", "youtube")
	case t.titled("difference in followers from previous day"), t.titled("video views") && t.titled("profile views"):
		t.auto("network", "tiktok")
	case t.gained():
		t.auto("network", "linkedin")
	}
	if len(networks) == 1 {
		for network := range networks {
			t.auto("network", network)
		}
	}
	if len(accounts) == 1 {
		for account := range accounts {
			t.auto("account", account)
		}
	}
}

// hasPrimary says that the file has one figure, which a line above the columns
// names: Meta calls the figure's own column "Primary".
func (t *table) hasPrimary() bool { return t.title != "" && t.titled(primaryTitles...) }

// total says that a line is one of the sums of others.
func (t *table) total(r record, dates []string) bool {
	is := func(cell string) bool {
		return len(cell) < 40 && !isDigit(cell[0]) && slices.Contains(totalTitles, plainTitle(cell))
	}
	for _, cell := range r.cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if !is(cell) {
			return false
		}
		break
	}
	return !slices.ContainsFunc(dates, func(column string) bool { cell := t.cell(r, column); return cell != "" && !is(cell) })
}

// pacific is the zone of the times in Meta's exports of content, as the IDs of
// Instagram's posts in them show.
const pacific = "America/Los_Angeles"
