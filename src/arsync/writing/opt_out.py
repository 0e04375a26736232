"""The line by which a natural person says that no more e-mail is wanted, or that it is somebody else.

A reminder is no advertising and needs no unsubscribe link; a way to say no, and its being honoured, is
what people may expect (`arsync opt-out`).
"""

from __future__ import annotations

_LINES = {
    "de": "Wenn Sie keine E-Mails von uns erhalten möchten oder nicht gemeint sind, antworten Sie bitte "
    "auf diese Nachricht und teilen Sie es uns mit.",
    "en": "If you do not want to hear from us by e-mail, or are the wrong person, answer this message "
    "and say so.",
    "es": "Si no desea recibir nuestros mensajes por correo electrónico o no es usted la persona indicada, "
    "responda a este mensaje y díganoslo.",
    "fr": "Si vous ne souhaitez pas recevoir nos messages par courriel, ou si vous n’êtes pas la bonne "
    "personne, répondez à ce message en nous le disant.",
    "it": "Se non desidera ricevere le nostre comunicazioni via e-mail, o non è la persona giusta, "
    "risponda a questo messaggio e ce lo dica.",
    "nl": "Als u geen e-mail van ons wilt ontvangen, of niet de juiste persoon bent, beantwoord dan dit "
    "bericht en laat het ons weten.",
    "pt": "Se não deseja receber as nossas mensagens por e-mail, ou não é a pessoa certa, responda a esta "
    "mensagem e diga-nos.",
}


def opt_out_line(language: str) -> str:
    """The line in a language ("fr"), in English where there is none."""
    return _LINES.get(language, _LINES["en"])
