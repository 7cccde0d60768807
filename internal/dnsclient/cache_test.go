package dnsclient

import (
	"strconv"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	c := &cache{answers: map[Question]cached{}}
	now := time.Unix(1000, 0)
	record, err := ParseRecord("www.test. 60 IN A 192.0.2.1", ".", 0)
	if err != nil {
		t.Fatal(err)
	}
	soa, err := ParseRecord("test. 600 IN SOA a. b. 1 2 3 4 30", ".", 0)
	if err != nil {
		t.Fatal(err)
	}
	q, gone := Question{"www.test.", 1, 1}, Question{"gone.test.", 1, 1}
	c.keep(&Answer{Question: q, Status: StatusOK, Records: []Record{record}, Message: &Message{}}, now)
	c.keep(&Answer{Question: gone, Status: StatusNXDomain, Message: &Message{Authority: []Record{soa}}}, now)
	c.keep(&Answer{Question: Question{"bad.test.", 1, 1}, Status: StatusServFail, Message: &Message{Authority: []Record{soa}}}, now)
	if a := c.find(Question{"WWW.test.", 1, 1}, now.Add(20*time.Second)); a == nil || a.Records[0].TTL != 40 || !a.Cached {
		t.Errorf("%+v", a)
	}
	if record.TTL != 60 || c.find(q, now.Add(60*time.Second)) != nil {
		t.Error("kept too long")
	}
	if a := c.find(gone, now.Add(29*time.Second)); a == nil || a.Status != StatusNXDomain {
		t.Errorf("absent: %+v", a)
	}
	if c.find(gone, now.Add(31*time.Second)) != nil || c.find(Question{"bad.test.", 1, 1}, now) != nil {
		t.Error("an absent name was kept too long, or a failure was kept")
	}
	for i := range maxCached + 10 {
		c.keep(&Answer{Question: Question{strconv.Itoa(i), 1, 1}, Records: []Record{record}, Status: StatusOK, Message: &Message{}}, now)
	}
	if len(c.answers) != maxCached {
		t.Error(len(c.answers))
	}
}
