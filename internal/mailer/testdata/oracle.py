# Reads mails with Python's email package, and writes some: a JSON question a line in, the answer a line out.
import base64, email, email.policy, json, sys
from email.message import EmailMessage

def addresses(m, name):
    field = m[name]
    return [[a.display_name, a.addr_spec] for a in field.addresses] if field is not None else []

def read(data):
    m = email.message_from_bytes(data, policy=email.policy.default)
    plain, html = m.get_body(("plain",)), m.get_body(("html",))
    files = []
    for part in m.walk():
        if part.is_multipart() or part in (plain, html): continue
        files.append({"name": part.get_filename() or "", "type": part.get_content_type(), "cid": (part["Content-ID"] or "").strip("<> "),
                      "inline": part.get_content_disposition() == "inline",
                      "data": base64.b64encode(part.get_payload(decode=True) or b"").decode()})
    return {
        "subject": str(m["Subject"] or ""), "from": addresses(m, "From"), "to": addresses(m, "To"), "cc": addresses(m, "Cc"),
        "reply_to": addresses(m, "Reply-To"), "bcc": m["Bcc"] is not None, "id": (m["Message-ID"] or "").strip("<> "),
        "extra": str(m["X-Extra"] or ""), "date": m["Date"].datetime.timestamp() if m["Date"] else 0,
        "text": plain.get_content().replace("\r\n", "\n") if plain else "", "html": html.get_content().replace("\r\n", "\n") if html else "", "files": files,
        "longest": max((len(line) for line in data.split(b"\r\n")), default=0), "defects": [str(d) for p in m.walk() for d in p.defects],
    }

def write(q):
    m = EmailMessage()
    m["Subject"], m["From"], m["To"] = q["subject"], q["from"], q["to"]
    m.set_content(q["text"])
    if q["html"]: m.add_alternative(q["html"], subtype="html")
    for f in q["files"]:
        m.add_attachment(base64.b64decode(f["data"]), maintype="application", subtype="octet-stream", filename=f["name"])
    return {"mail": base64.b64encode(m.as_bytes(policy=email.policy.SMTP)).decode()}

for line in sys.stdin:
    q = json.loads(line)
    print(json.dumps(read(base64.b64decode(q["mail"])) if "mail" in q else write(q)), flush=True)
